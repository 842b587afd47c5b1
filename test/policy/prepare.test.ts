import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import { selectorSetId } from '../../src/policy/set-id.ts';
import {
  entity,
  globalNetworkSet,
  globalPolicy,
  hostEndpoint,
  put,
  remove,
  rule,
  selector,
  tier,
} from '../support/resources.ts';

const INTERFACES = [{ name: 'eth0', running: true, addresses: ['10.0.1.1'] }];
const NETS = Array.from({ length: 10_000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
const LISTED = selector('listed == "yes"');
const SET = selectorSetId(LISTED);
const POLICY = globalPolicy('asks', {
  ingress: [rule('Allow', { source: entity({ selector: LISTED }) })],
});

function storeWithNets(): PolicyStore {
  const store = new PolicyStore('hosta');
  store.setInterfaces(INTERFACES, () => false);
  store.apply(put(hostEndpoint('edge')));
  store.apply(put(tier('default')));
  store.apply(put(globalNetworkSet('nets', { labels: { listed: 'yes' }, nets: NETS })));
  return store;
}

/** Takes all steps; answers how many there were. */
function prepared(store: PolicyStore): number {
  return [...store.prepare()].length;
}

describe('preparing what applies', () => {
  it('takes what a rule begins to ask for in by steps', () => {
    const store = storeWithNets();
    assert.equal(prepared(store), 0);
    store.apply(put(POLICY));
    assert.ok(prepared(store) >= 10);
    assert.equal(store.resolve().policy.sets.get(SET)?.ipv4.size, NETS.length);
    assert.equal(prepared(store), 0);
  });

  it('keeps the set that a rule ceases to ask for and asks for again, and who is in it', () => {
    const store = storeWithNets();
    store.apply(put(POLICY));
    const before = store.resolve().policy.sets.get(SET);
    store.apply(remove(POLICY));
    prepared(store);
    assert.deepEqual(store.contributorsOf(SET, '10.7.7.0/24'), ['GlobalNetworkSet nets']);
    store.apply(put(POLICY));
    assert.equal(prepared(store), 0);
    assert.equal(store.resolve().policy.sets.get(SET), before);
  });

  it('forgets what was asked for and is not any more, whether or not it is ever resolved', () => {
    const store = storeWithNets();
    store.apply(put(POLICY));
    prepared(store);
    store.apply(remove(POLICY));
    prepared(store);
    assert.deepEqual(store.contributorsOf(SET, '10.7.7.0/24'), []);
  });

  it('leaves nothing of what was asked for in between', () => {
    const store = storeWithNets();
    store.apply(put(POLICY));
    prepared(store);
    store.apply(remove(POLICY));
    assert.equal(store.resolve().policy.sets.size, 0);
  });
});
