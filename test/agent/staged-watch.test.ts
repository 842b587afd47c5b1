import assert from 'node:assert/strict';
import { StagedWatch } from '../../src/agent/staged-watch.ts';
import type { StagedReport } from '../../src/agent/staged-watch.ts';
import { HostError } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { STAGED_LOG } from '../../src/compile/staged-chains.ts';
import { createMemoryPacketLog } from '../../src/nflog/memory-packet-log.ts';
import type { Policy } from '../../src/policy/local-policy.ts';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import { loggedPacket } from '../nflog/logged-packet.ts';
import { PARITY } from '../support/acceptance/acceptance-row.ts';
import { hostEndpoint, policy, rule } from '../support/policy-objects.ts';

const HOST = hostEndpoint('eth0');
const CLOSED: Policy = {
  ...policy('closed', { order: 1, ingress: [rule('Deny')] }),
  kind: 'StagedGlobalNetworkPolicy',
  stagedAction: 'Set',
};
const OPEN = policy('open', { ingress: [rule('Allow')] });

describe('StagedWatch', () => {
  const log = createMemoryPacketLog();
  let now = 0;
  let perCall = 0;

  function watchOf(list: () => Promise<never[]>, staged: boolean): StagedWatch {
    const store = new PolicyStore(HOST.node);
    store.setInterfaces([{ name: 'eth0', running: true, addresses: [] }], () => false);
    for (const resource of [HOST, OPEN, ...(staged ? [CLOSED] : [])]) {
      store.apply({ id: resource, resource, problems: [] });
    }
    return new StagedWatch({
      clock: {
        now: () => 0,
        monotonic: () => (now += perCall),
        after: () => () => undefined,
      },
      logger: silentLogger,
      conntrack: { list },
      routes: { to: () => Promise.reject(new Error('not asked')) },
      packetLog: log,
      loop: () => ({ shadow: () => store.shadow(), view: { interfaces: [] } as never }),
      dataplane: () => PARITY,
    });
  }

  async function told(watch: StagedWatch, packets: number): Promise<StagedReport> {
    watch.turned();
    await new Promise((resolve) => setImmediate(resolve));
    for (let sourcePort = 1; sourcePort <= packets; sourcePort++) {
      const changes = { prefix: STAGED_LOG.prefix, iifname: 'eth0', sourcePort };
      log.log(STAGED_LOG.group, loggedPacket(changes));
    }
    const report = await watch.report();
    await watch.close();
    return report;
  }

  const none = (): Promise<never[]> => Promise.resolve([]);

  it('does nothing while no staged policy concerns this host', async () => {
    const list = (): Promise<never[]> => Promise.reject(new Error('asked'));
    const report = await told(watchOf(list, false), 1);
    assert.deepEqual(report, { tallies: [], notJudged: 0, error: null });
    assert.deepEqual(log.openGroups, []);
  });

  it('judges what it is told of, and says what was too much', async () => {
    perCall = 0;
    const report = await told(watchOf(none, true), 2010);
    assert.deepEqual(
      report.tallies.map(({ allowToDeny }) => allowToDeny),
      [2000, 2000],
    );
    assert.equal(report.notJudged, 10);
    assert.deepEqual(log.openGroups, []);
  });

  it('does not judge for longer than its budget', async () => {
    perCall = 5;
    const report = await told(watchOf(none, true), 1000);
    const [first] = report.tallies;
    assert.ok((first?.judged ?? 0) > 0);
    assert.equal((first?.judged ?? 0) + report.notJudged, 1000);
    assert.ok(report.notJudged > 500);
  });

  it('says that connection tracking cannot be read', async () => {
    perCall = 0;
    const fail = (): Promise<never[]> => Promise.reject(new HostError('EPERM', 'not permitted'));
    const { error } = await told(watchOf(fail, true), 0);
    assert.match(error ?? '', /not permitted/);
  });
});
