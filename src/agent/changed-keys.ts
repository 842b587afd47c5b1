import type { LocalConfig } from '../config/local-config.ts';

// What a running daemon cannot change about itself, by the key that sets it.
const FIXED = {
  nodeName: 'node.name',
  datastore: 'datastore',
  nftables: 'nftables.transport',
  stateDir: 'stateDir',
  runDir: 'runDir',
  control: 'control.group',
  rollback: 'rollback',
} as const satisfies Partial<Record<keyof LocalConfig, string>>;

/** Keys whose value differs and takes effect only after a restart. */
export function changedKeys(before: LocalConfig, after: LocalConfig): readonly string[] {
  const fields = Object.keys(FIXED) as (keyof typeof FIXED)[];
  const changed = fields
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => FIXED[field]);
  return before.log.format === after.log.format ? changed : [...changed, 'log.format'];
}
