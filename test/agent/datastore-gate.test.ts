import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { datastoreGate } from '../../src/agent/datastore-gate.ts';
import type { GateInput } from '../../src/agent/datastore-gate.ts';
import type { ClusterInformation } from '../../src/resource/resource.ts';

const INFORMATION: ClusterInformation = {
  kind: 'ClusterInformation',
  namespace: '',
  name: 'default',
  datastoreReady: true,
  clusterGUID: 'abc',
  calicoVersion: '',
};
const OPEN: GateInput = {
  datastoreType: 'etcdv3',
  clusterInformation: INFORMATION,
  trustedGUID: null,
};

describe('datastoreGate', () => {
  const cases: readonly (readonly [string, Partial<GateInput>, string])[] = [
    ['lets a ready datastore through', {}, 'open'],
    ['lets the trusted cluster through', { trustedGUID: 'abc' }, 'open'],
    [
      'lets files through, which have no cluster',
      { datastoreType: 'file', clusterInformation: null },
      'open',
    ],
    ['stops at a blank etcd', { clusterInformation: null }, 'datastore-blank'],
    [
      'stops at a locked datastore',
      { clusterInformation: { ...INFORMATION, datastoreReady: false } },
      'datastore-not-ready',
    ],
    ['stops at another cluster', { trustedGUID: 'xyz' }, 'datastore-changed'],
  ];
  for (const [title, fields, expected] of cases) {
    it(title, () => {
      const gate = datastoreGate({ ...OPEN, ...fields });
      assert.equal(gate.isOpen ? 'open' : gate.problem.code, expected);
      if (!gate.isOpen) assert.match(gate.problem.message, /the rules in force stay/);
    });
  }
});
