import type { Logger } from '../base/logger.ts';
import type { TurnReport } from './turn-report.ts';

/** Says what a turn came to; `changed` names what it took in. */
export function logTurn(
  logger: Logger,
  { written, revision, resolution, ruleset }: TurnReport,
  changed: readonly string[],
): void {
  if (written === null) {
    logger.debug({ revision, changed }, 'unchanged');
    return;
  }
  logger.info(
    {
      revision,
      operations: written.operations,
      durationMs: Math.round(written.durationMs * 1000) / 1000,
      endpoints: resolution.policy.endpoints.length,
      chains: ruleset.chains.size,
      sets: ruleset.sets.size,
      changed,
    },
    'applied',
  );
}
