import assert from 'node:assert/strict';
import { silentLogger } from '../../src/base/logger.ts';
import { RESOURCE_PREFIX } from '../../src/base/raw-update.ts';
import type { EtcdSourceOptions, EtcdTiming } from '../../src/source/etcd-options.ts';
import { createEtcdSource } from '../../src/source/etcd-source.ts';
import type { Source } from '../../src/source/source.ts';
import { startEtcd, startEtcdCluster } from '../support/etcd.ts';
import type { Etcd, EtcdOperation } from '../support/etcd.ts';
import { realClock } from './real-clock.ts';
import { Recorder } from './recorder.ts';
import { describeSourceContract } from './source-contract.ts';
import { TcpProxy } from './tcp-proxy.ts';

const QUICK: Partial<EtcdTiming> = {
  requestTimeoutMs: 1_500,
  progressIntervalMs: 200,
  silenceMs: 700,
  graceMs: 50,
  backoffMinMs: 20,
  backoffMaxMs: 200,
  credentialPollMs: 50,
};

const key = (name: string): string => `${RESOURCE_PREFIX}globalnetworksets/${name}`;

function sourceFor(endpoint: string, more: Partial<EtcdSourceOptions> = {}): Source {
  const options = { endpoints: [endpoint], timing: QUICK, ...more };
  return createEtcdSource(options, { clock: realClock, logger: silentLogger });
}

function puts(count: number, value: (index: number) => string): EtcdOperation[] {
  return Array.from({ length: count }, (_, index) => ({
    key: key(`n${String(index).padStart(6, '0')}`),
    value: value(index),
  }));
}

/** What a source that starts now says the datastore holds. */
async function freshState(etcd: Etcd): Promise<Map<string, string>> {
  const source = sourceFor(etcd.endpoint);
  const heard = new Recorder();
  source.start(heard.listener);
  await heard.inSync();
  await source.close();
  return heard.state;
}

describe('etcd', function () {
  this.timeout(20_000);
  let etcd: Etcd;
  let proxy: TcpProxy;
  let heard: Recorder;
  let source: Source | undefined;

  before(async () => {
    etcd = await startEtcd();
  });
  after(async () => {
    await etcd.stop();
  });

  const empty = async (): Promise<void> => {
    const range = { key: RESOURCE_PREFIX, range_end: RESOURCE_PREFIX.slice(0, -1) + '0' };
    await etcd.call('kv/deleterange', {
      key: Buffer.from(range.key).toString('base64'),
      range_end: Buffer.from(range.range_end).toString('base64'),
    });
  };

  describeSourceContract('createEtcdSource', async () => {
    await empty();
    const link = await TcpProxy.to(etcd.endpoint);
    return {
      source: sourceFor(link.endpoint),
      change: async (changes) => {
        await etcd.txn(changes);
      },
      away: () => {
        link.refuse();
        return Promise.resolve();
      },
      back: () => {
        link.pass();
        return Promise.resolve();
      },
      dispose: () => link.close(),
    };
  });

  describe('createEtcdSource', () => {
    beforeEach(async () => {
      await empty();
      proxy = await TcpProxy.to(etcd.endpoint);
      heard = new Recorder();
    });
    afterEach(async () => {
      await source?.close();
      source = undefined;
      await proxy.close();
    });

    const start = (endpoint = proxy.endpoint, more: Partial<EtcdSourceOptions> = {}): Source => {
      const started = sourceFor(endpoint, more);
      source = started;
      started.start(heard.listener);
      return started;
    };

    it('lists 5,000 keys in pages while they are being written, and misses nothing', async () => {
      await etcd.txn(puts(5_000, (index) => `first ${index}`));
      const writing = (async () => {
        for (let round = 0; round < 20; round++) {
          await etcd.txn(puts(50, (index) => `round ${round} of ${index}`));
          await etcd.del(key(`n00${String(4_000 + round)}`));
        }
      })();
      start(proxy.endpoint, { pageSize: 100 });
      await heard.inSync();
      await writing;
      await etcd.put(key('last'), 'last');
      await heard.has(key('last'), 'last');
      assert.ok(heard.of('updates').length > 50);
      assert.deepEqual(heard.state, await freshState(etcd));
    });

    it('takes one page and one watch event of more than 4 MiB', async () => {
      const big = 'x'.repeat(1_400_000);
      await etcd.txn(puts(5, () => big));
      start();
      await heard.inSync(8_000);
      await etcd.txn(puts(5, () => big + '!'));
      await heard.has(key('n000004'), big + '!', 8_000);
      assert.equal(heard.state.size, 5);
      await empty();
    });

    it('lists again when its revision was compacted away meanwhile', async () => {
      await etcd.txn(puts(3, () => 'old'));
      start();
      await heard.inSync();
      const lost = heard.next('lost');
      proxy.refuse();
      await lost;
      await etcd.txn([
        { key: key('n000000'), value: 'new' },
        { key: key('n000001'), value: null },
      ]);
      await etcd.compact();
      const found = heard.next('in-sync');
      proxy.pass();
      await found;
      assert.deepEqual(heard.state, await freshState(etcd));
      assert.equal(heard.state.size, 2);
    });

    it('notices within the silence limit that answers stopped coming', async () => {
      await etcd.put(key('a'), 'a');
      start();
      await heard.inSync();
      // The first answer to a question for a sign of life arms the limit.
      await new Promise((resolve) => setTimeout(resolve, 400));
      const since = performance.now();
      const lost = heard.next('lost');
      proxy.swallow();
      const { error } = await lost;
      assert.match(error.message, /silent/);
      assert.ok(performance.now() - since < 2_000);
      await etcd.put(key('b'), 'b');
      const found = heard.next('in-sync');
      proxy.pass();
      await found;
      assert.deepEqual([...heard.state.values()], ['a', 'b']);
    });

    it('stays silent about a cut connection that is back within the grace', async () => {
      await etcd.put(key('a'), 'a');
      start(proxy.endpoint, { timing: { ...QUICK, graceMs: 2_000 } });
      await heard.inSync();
      const again = heard.next('in-sync');
      proxy.cut();
      await etcd.put(key('b'), 'b');
      await again;
      assert.deepEqual(heard.of('lost'), []);
      assert.deepEqual([...heard.state.values()], ['a', 'b']);
    });

    it('survives etcd being killed and restarted', async () => {
      await etcd.put(key('a'), 'a');
      start(etcd.endpoint);
      await heard.inSync();
      const lost = heard.next('lost');
      await etcd.kill();
      await lost;
      const found = heard.next('in-sync', 8_000);
      await etcd.restart();
      await found;
      await etcd.put(key('a'), 'b');
      await heard.has(key('a'), 'b');
    });

    it('waits for an etcd that is not there yet', async () => {
      await etcd.kill();
      start(etcd.endpoint);
      const { error } = await heard.next('lost');
      assert.match(error.message, /ECONNREFUSED/);
      const found = heard.next('in-sync', 8_000);
      await etcd.restart();
      await found;
    });

    it('survives etcd being frozen', async () => {
      await etcd.put(key('a'), 'a');
      start(etcd.endpoint);
      await heard.inSync();
      await new Promise((resolve) => setTimeout(resolve, 400));
      const lost = heard.next('lost', 8_000);
      etcd.pause();
      await lost;
      assert.equal(heard.state.size, 1);
      const found = heard.next('in-sync', 8_000);
      etcd.resume();
      await found;
      await etcd.put(key('a'), 'b');
      await heard.has(key('a'), 'b');
    });

    it('delivers everything again when the revision goes backwards', async () => {
      for (const value of ['1', '2', '3', '4']) await etcd.put(key('same'), value);
      await etcd.put(key('gone'), 'gone');
      start(etcd.endpoint);
      await heard.inSync();
      const before = heard.events.length;
      const lost = heard.next('lost');
      await etcd.wipe();
      await lost;
      const found = heard.next('in-sync', 8_000);
      await etcd.restart();
      await etcd.put(key('same'), '4');
      const { revision } = await found;
      assert.ok(revision < 10);
      await heard.has(key('same'), '4');
      await heard.has(key('gone'), null);
      assert.ok(heard.updates(before).some((update) => update.key === key('same')));
    });

    it('does not let a listener that throws lose an update or end the process', async () => {
      let throws = true;
      source = sourceFor(etcd.endpoint);
      source.start((event) => {
        if (event.kind === 'updates' && throws) {
          throws = false;
          throw new Error('listener');
        }
        heard.listener(event);
      });
      await heard.inSync();
      throws = true;
      await etcd.put(key('a'), 'a');
      await heard.has(key('a'), 'a');
      assert.equal(throws, false);
    });

    it('closes at once while etcd does not answer, and leaves no connection', async () => {
      proxy.swallow();
      start(proxy.endpoint, { username: 'nobody', password: 'x' });
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.ok(proxy.connections > 0);
      const since = performance.now();
      await source?.close();
      assert.ok(performance.now() - since < 500);
      const until = Date.now() + 2_000;
      while (proxy.connections > 0 && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.equal(proxy.connections, 0);
      assert.deepEqual(heard.events, []);
    });

    it('does not pile up connections at an etcd that accepts them and never answers', async () => {
      proxy.swallow();
      const timing = { ...QUICK, requestTimeoutMs: 50, backoffMaxMs: 20 };
      start(proxy.endpoint, { timing });
      await heard.next('lost');
      let most = 0;
      for (let i = 0; i < 50; i++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        most = Math.max(most, proxy.connections);
      }
      assert.ok(most >= 1 && most <= 3, `${most} connections`);
    });

    it('reaches the living member when others of the list are dead', async () => {
      await etcd.put(key('a'), 'a');
      start(etcd.endpoint, { endpoints: ['http://127.0.0.1:1', etcd.endpoint, 'not a URL'] });
      await heard.inSync();
      assert.equal(heard.state.size, 1);
    });
  });
});

describe('createEtcdSource with a cluster', function () {
  this.timeout(30_000);

  it('loses and regains sync with the quorum', async () => {
    const members = await startEtcdCluster([{}, {}, {}]);
    const [first, second, third] = members;
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    const heard = new Recorder();
    const source = sourceFor(first.endpoint);
    try {
      await first.put(key('a'), 'a');
      source.start(heard.listener);
      await heard.inSync();
      const lost = heard.next('lost', 15_000);
      await Promise.all([second.kill(), third.kill()]);
      await lost;
      const found = heard.next('in-sync', 15_000);
      await Promise.all([second.restart(), third.restart()]);
      await found;
      await second.put(key('a'), 'b');
      await heard.has(key('a'), 'b');
    } finally {
      await source.close();
      await Promise.all(members.map((member) => member.stop()));
    }
  });
});
