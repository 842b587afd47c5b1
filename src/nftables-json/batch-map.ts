import type { MapVerdict } from '../ruleset/ruleset.ts';
import { INTERFACE_KEY, interfaceName, writeMap } from './batch-anonymous.ts';
import type { AnonymousSets, KeyType, MapEntry } from './batch-anonymous.ts';
import type { BatchBytes } from './batch-bytes.ts';
import { loadMeta, META, writeVerdict } from './batch-expression.ts';
import { prepareField } from './batch-match.ts';
import type { RuleContext } from './batch-match.ts';

const JUMP = -3;
const GOTO = -4;

/** What is looked up, and where. */
export interface VerdictMap {
  readonly key: KeyType;
  readonly entries: () => readonly MapEntry[];
  /** Writes the expressions that load it. */
  readonly load: () => void;
}

/** The map of a verdict. The values were checked by `encodeRule` or `encodeMap`. */
export function verdictMap(context: RuleContext, verdict: MapVerdict): VerdictMap {
  const { batch } = context;
  if (verdict.kind === 'dispatch') {
    const load = (): void => {
      loadMeta(batch, META[verdict.key]);
    };
    const code = { code: GOTO, value: interfaceName };
    return { key: INTERFACE_KEY, entries: () => entriesOf(batch, verdict, code), load };
  }
  const { key, value, load } = prepareField(context, verdict.field);
  return { key, entries: () => entriesOf(batch, verdict, { code: JUMP, value }), load };
}

/** Creates a map by name; `id` tells it from the other sets of the batch. */
export function writeNamedMap(
  batch: BatchBytes,
  sets: AnonymousSets,
  {
    name,
    id,
    verdict,
  }: { readonly name: string; readonly id: number; readonly verdict: MapVerdict },
): void {
  const context: RuleContext = { batch, sets, family: null, protocol: null };
  const { key, entries } = verdictMap(context, verdict);
  writeMap(batch, { name, id }, { key, entries: entries(), flags: 0 });
}

function entriesOf(
  batch: BatchBytes,
  { chains }: MapVerdict,
  { code, value }: { readonly code: number; readonly value: (key: string) => Uint8Array },
): readonly MapEntry[] {
  return Array.from(chains, ([key, chain]) => {
    const write = (): void => {
      writeVerdict(batch, code, chain);
    };
    return [value(key), write] as const;
  });
}
