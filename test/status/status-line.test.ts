import assert from 'node:assert/strict';
import { formatStatusLine } from '../../src/status/status-line.ts';
import type { DaemonStatus } from '../../src/status/status-snapshot.ts';
import { away, failed, NOW, SAMPLE } from './sample-status.ts';

const problem = { severity: 'error', code: 'x', object: 'o', field: '', message: 'm' } as const;

describe('formatStatusLine', () => {
  const cases: readonly (readonly [string, DaemonStatus, string])[] = [
    ['a healthy host', SAMPLE, 'In sync; etcdv3 revision 4711; 1 endpoint, 2 policies'],
    [
      'a start without rules',
      { ...SAMPLE, inSync: false, rulesInForce: 'none', endpoints: [] },
      'Starting: no rules in force yet; waiting for etcdv3; no host endpoint for this host',
    ],
    [
      'a start without the datastore',
      { ...away(0), inSync: false, rulesInForce: 'last-good' },
      'Last good rules in force; etcdv3 out of reach since 2026-01-02T03:04:05.000Z; 1 endpoint, 2 policies',
    ],
    [
      'an outage after the sync',
      away(5000),
      'In sync; etcdv3 out of reach since 2026-01-02T03:04:00.000Z; 1 endpoint, 2 policies',
    ],
    [
      'a frozen datastore',
      { ...SAMPLE, inSync: false, datastore: { ...SAMPLE.datastore, ready: false } },
      'Last synced rules in force; frozen: ClusterInformation default does not say datastoreReady; 1 endpoint, 2 policies',
    ],
    [
      'a failed apply, first line of the reason only',
      failed('Could not process rule: No such file\nmore\n'),
      'In sync; etcdv3 revision 4711; last apply failed: Could not process rule: No such file; 1 endpoint, 2 policies',
    ],
    [
      'endpoints in trouble, alarms and problems',
      {
        ...SAMPLE,
        endpoints: [
          ...SAMPLE.endpoints,
          { name: 'web01-eth1', interfaces: ['eth1'], state: 'down' },
          { name: 'web01-eth2', interfaces: [], state: 'error' },
        ],
        counts: { ...SAMPLE.counts, activePolicies: 1 },
        alarms: [{ code: 'a', objects: [], message: 'm', since: NOW }],
        problems: [problem, problem],
      },
      'In sync; etcdv3 revision 4711; 3 endpoints (web01-eth1 down, web01-eth2 error), 1 policy; 1 alarm; 2 problems',
    ],
    [
      'boot rules',
      { ...SAMPLE, inSync: false, rulesInForce: 'boot', endpoints: [] },
      'Boot rules in force; waiting for etcdv3; no host endpoint for this host',
    ],
    [
      'a flushed host',
      { ...SAMPLE, rulesInForce: 'flushed' },
      'Flushed by an operator: this host is open; etcdv3 revision 4711; 1 endpoint, 2 policies',
    ],
  ];
  for (const [name, status, expected] of cases) {
    it(`tells of ${name}`, () => {
      assert.equal(formatStatusLine(status), expected);
    });
  }
});
