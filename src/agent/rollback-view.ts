import type { RollbackView } from '../control/wire.ts';
import { moment } from './moment.ts';
import type { RollbackState } from './rollback-state.ts';

/** Where confirming stands, as the local API tells it. */
export function rollbackView(state: RollbackState, now: number): RollbackView {
  const isWatching = state.kind === 'watching';
  const isBad = state.kind === 'rolled-back' || state.kind === 'stuck';
  return {
    state: state.kind,
    by: isWatching ? state.by : null,
    until: isWatching ? moment(state.until) : null,
    secondsLeft: isWatching ? Math.max(0, Math.ceil((state.until - now) / 1000)) : null,
    reason: isBad ? state.reason : null,
    since: isBad ? moment(state.at) : null,
    objects: state.kind === 'normal' ? [] : state.objects,
    revision: state.kind === 'normal' ? null : state.revision,
  };
}
