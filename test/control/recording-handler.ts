import { ControlError } from '../../src/control/handler.ts';
import type { ControlHandler } from '../../src/control/handler.ts';
import type { StatusAnswer } from '../../src/control/wire.ts';

/** A status of a daemon that was only just started. */
export const STATUS: StatusAnswer = {
  version: '1.2.3',
  nodeName: 'web01',
  startedAt: '2026-01-02T03:04:05.000Z',
  inSync: false,
  rulesInForce: 'none',
  enforcement: 'enforce',
  observedTiers: [],
  wouldDeny: null,
  flushedUntil: null,
  rollback: {
    ...{ state: 'normal', by: null, until: null, secondsLeft: null, reason: null, since: null },
    ...{ objects: [], revision: null },
  },
  datastore: {
    type: 'file',
    connected: false,
    since: '2026-01-02T03:04:05.000Z',
    revision: 0,
    ready: null,
    clusterGUID: '',
  },
  lastApply: null,
  applyingSince: null,
  transport: { name: 'memory', version: '1' },
  endpoints: [],
  counts: {
    ruleset: { chains: 0, rules: 0, sets: 0, setElements: 0 },
    activePolicies: 0,
    activeSelectors: 0,
    objectsByKind: {},
    hosts: 0,
  },
  problems: [],
  alarms: [],
};

/** A handler that knows a status and nothing else; `changes` answer instead. */
export function handlerWith(changes: Partial<ControlHandler> = {}): ControlHandler {
  const refuse = (): never => {
    throw new ControlError(503, 'not-applied-yet', 'nothing was applied yet');
  };
  const later = (): Promise<never> => Promise.resolve().then(refuse);
  return {
    status: () => Promise.resolve(STATUS),
    policies: later,
    endpoints: refuse,
    sets: refuse,
    set: refuse,
    counters: later,
    explain: later,
    desired: refuse,
    policyView: refuse,
    connections: later,
    staged: later,
    flows: refuse,
    cut: later,
    report: later,
    flush: later,
    reapply: later,
    rollback: refuse,
    applyWithRollback: later,
    confirm: later,
    trustDatastore: later,
    ...changes,
  };
}
