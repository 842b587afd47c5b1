import assert from 'node:assert/strict';
import { MeteredObserver } from '../../src/agent/metered-observer.ts';
import { StatusKeeper } from '../../src/agent/status-keeper.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { MemoryNftables } from '../../src/nftables-json/memory-nftables.ts';
import { createMetrics } from '../../src/status/metrics.ts';
import { globalNetworkPolicy, globalNetworkSet, hostEndpoint } from '../support/calico.ts';
import type { CalicoObject } from '../support/calico.ts';
import { NOW, SAMPLE } from '../status/sample-status.ts';
import { createManualClock } from '../status/manual-clock.ts';
import { BUSY, createRig } from './rig.ts';
import type { Rig } from './rig.ts';

const ENDPOINT = hostEndpoint('edge', { node: 'hosta', interfaceName: 'eth0' });

function policy(port: number): CalicoObject {
  const source = { selector: "role == 'app'" };
  const destination = { ports: [port] };
  return globalNetworkPolicy('from-app', {
    ingress: [{ action: 'Allow', protocol: 'TCP', source, destination }],
  });
}

function members(...nets: readonly string[]): CalicoObject {
  return globalNetworkSet('apps', { role: 'app' }, nets);
}

describe('MeteredObserver', () => {
  let rig: Rig;
  /** How often somebody was told that the status may have changed. */
  let told = 0;

  beforeEach(async () => {
    const nftables = new MemoryNftables();
    const none = {
      ...{ idlePolicies: [], failsafes: null, datastoreEndpoints: [], serviceFaults: [] },
      isExcluded: () => false,
    };
    const keeper: StatusKeeper = new StatusKeeper({
      identity: {
        ...{ version: '1', nodeName: 'hosta', datastoreType: 'etcdv3' },
        transport: nftables.info,
      },
      clock: createManualClock(),
      logger: silentLogger,
      loop: () => rig.loop.view,
      alarms: () => none,
    });
    const nobody = (): void => undefined;
    const metrics = createMetrics({
      status: () => SAMPLE,
      now: () => NOW,
      hasProcessMetrics: false,
    });
    const observer = new MeteredObserver(keeper, metrics, {
      ...{ updated: nobody, turned: nobody, turning: nobody, failed: nobody },
      ...{ connected: nobody, flushed: nobody },
      changed: () => {
        told += 1;
      },
    });
    rig = createRig(undefined, nftables, {
      turned: (report) => {
        observer.turned(report);
      },
      failed: (error) => {
        observer.failed(error);
      },
      flushed: () => {
        observer.flushed();
      },
    });
    rig.put(ENDPOINT, policy(80), members('10.0.0.0/24'));
    await rig.loop.start();
    await rig.settled();
    told = 0;
  });
  afterEach(() => rig.loop.close());

  async function put(...objects: readonly CalicoObject[]): Promise<number> {
    const before = told;
    rig.put(...objects);
    await rig.settled();
    return told - before;
  }

  it('tells of a change of the rules, and not of members of sets', async () => {
    assert.equal(await put(policy(81)), 1);
    assert.equal(await put(members('10.0.0.0/24', '10.0.1.0/24')), 0);
    assert.equal(await put(members('10.0.1.0/24')), 0);
    const [{ elements } = assert.fail()] = rig.nftables.contents().sets.values();
    assert.deepEqual([...elements], ['10.0.1.0/24']);
    assert.equal(await put(policy(82)), 1);
  });

  it('tells of problems that come and go', async () => {
    const isWrong = { selector: 'role ==', ingress: [{ action: 'Allow' }] };
    assert.equal(await put(globalNetworkPolicy('wrong', isWrong)), 1);
    assert.equal(await put(globalNetworkPolicy('wrong', isWrong)), 0);
    assert.equal(await put(globalNetworkPolicy('wrong', { ...isWrong, selector: 'all()' })), 1);
  });

  it('tells of members when the attempt before had failed, or the host was open', async () => {
    rig.nftables.failNext(BUSY);
    assert.equal(await put(members('10.0.2.0/24')), 2);
    await rig.setFlushed(true);
    await rig.settled();
    const before = told;
    await rig.setFlushed(false);
    await rig.settled();
    assert.equal(told - before, 1);
  });
});
