import type { DataplaneSettings } from '../config/felix-settings.ts';
import { ControlError } from '../control/handler.ts';
import type { LocalPolicy } from '../policy/local-policy.ts';
import type { ControlInputs } from './control-inputs.ts';
import type { Flushed } from './flushed.ts';
import type { Programmed } from './last-good.ts';
import { policyInForce } from './policy-in-force.ts';
import type { Judge } from './refused-flow.ts';
import type { StatusKeeper } from './status-keeper.ts';
import type { TurnReport } from './turn-report.ts';

/** What it takes to know. */
export type InForceInputs = Pick<ControlInputs, 'dataplane' | 'lastGood'> & {
  readonly flushed: Pick<Flushed, 'until'>;
  readonly keeper: Pick<StatusKeeper, 'lastTurn'>;
};

/** The policy and settings that packets meet now. Throws ControlError while there are none. */
export function judgeInForce(inputs: InForceInputs): Judge {
  if (inputs.flushed.until !== null)
    throw new ControlError(
      409,
      'flushed',
      'an operator has flushed this host: nothing is refused until "rampartctl reapply"',
    );
  return { policy: inForce(inputs).policy, settings: settingsInForce(inputs) };
}

/** What the kernel holds, and what led there. */
export interface InForce {
  readonly turn: TurnReport;
  readonly programmed: Programmed;
  readonly policy: LocalPolicy;
}

/** What packets meet now. Throws ControlError while that is not known. */
export function inForce(inputs: Pick<InForceInputs, 'keeper' | 'lastGood'>): InForce {
  const turn = lastTurn(inputs);
  const programmed = inputs.lastGood.programmed();
  if (programmed === null) throw notYet('the table is being written anew: try again in a moment');
  return { turn, programmed, policy: policyInForce(turn.resolution.policy, programmed.sets) };
}

/** The last turn that ended well. Throws ControlError before the first. */
export function lastTurn({ keeper }: Pick<InForceInputs, 'keeper'>): TurnReport {
  const turn = keeper.lastTurn;
  if (turn !== null) return turn;
  throw notYet(
    'nothing was applied yet in this process: it has no complete view of the datastore, or may not use it. "rampartctl status" says why',
  );
}

/** It can be answered later. */
export function notYet(message: string): ControlError {
  return new ControlError(503, 'not-applied-yet', message);
}

/** The settings that packets meet now. Throws ControlError while there are none. */
export function settingsInForce({
  dataplane,
}: Pick<ControlInputs, 'dataplane'>): DataplaneSettings {
  const settings = dataplane();
  if (settings === null) throw notYet('no settings are in force yet: try again in a moment');
  return settings;
}
