import type { DaemonStatus } from '../../src/status/status-snapshot.ts';

/** The moment at which `SAMPLE` was taken. */
export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A healthy daemon with one endpoint. */
export const SAMPLE: DaemonStatus = {
  version: '1.2.3',
  nodeName: 'web01',
  startedAt: NOW - 60_000,
  inSync: true,
  rulesInForce: 'current',
  observing: { host: false, tiers: [] },
  datastore: {
    type: 'etcdv3',
    connected: true,
    since: NOW - 50_000,
    revision: 4711,
    ready: true,
    clusterGUID: 'abc',
  },
  lastApply: { at: NOW - 1000, durationMs: 2.5, operations: 7, revision: 4711, error: null },
  applyingSince: null,
  transport: { name: 'library', version: '1.0.6' },
  endpoints: [{ name: 'web01-eth0', interfaces: ['eth0'], state: 'up' }],
  counts: {
    ruleset: { chains: 9, rules: 40, sets: 3, setElements: 1200 },
    activePolicies: 2,
    activeSelectors: 5,
    objectsByKind: {
      HostEndpoint: 10,
      GlobalNetworkPolicy: 3,
      NetworkPolicy: 4,
      StagedNetworkPolicy: 99,
      Profile: 6,
    },
    hosts: 8,
  },
  problems: [],
  alarms: [],
};

/** `SAMPLE` with a datastore that has been away for `ms`. */
export function away(ms: number): DaemonStatus {
  const datastore = { ...SAMPLE.datastore, connected: false, since: NOW - ms };
  return { ...SAMPLE, datastore };
}

/** `SAMPLE` after an apply that failed. */
export function failed(error: string): DaemonStatus {
  return { ...SAMPLE, lastApply: { at: NOW, durationMs: 1, operations: 1, revision: 1, error } };
}
