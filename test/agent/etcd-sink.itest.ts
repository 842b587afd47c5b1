import assert from 'node:assert/strict';
import { afterEach } from 'mocha';
import { systemClock } from '../../src/agent/system-clock.ts';
import { SourceError } from '../../src/base/errors.ts';
import { createEtcdSink } from '../../src/source/etcd-sink.ts';
import type { EtcdSink } from '../../src/source/etcd-sink.ts';
import type { EtcdSourceOptions } from '../../src/source/etcd-options.ts';
import type { StatusSink } from '../../src/status/status-sink.ts';
import { startEtcd } from '../support/etcd.ts';
import type { Etcd } from '../support/etcd.ts';

const PREFIX = '/calico/felix/v1/host/web01/endpoint/';
const KEY = `${PREFIX}eth0`;
const FAST = { requestTimeoutMs: 1_000 };

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

describe('createEtcdSink', () => {
  let etcd: Etcd | undefined;
  const sinks: EtcdSink[] = [];

  function open(options: EtcdSourceOptions): StatusSink {
    const sink = createEtcdSink({ timing: FAST, ...options }, { clock: systemClock });
    sinks.push(sink);
    return sink;
  }

  async function start(): Promise<{ readonly server: Etcd; readonly sink: StatusSink }> {
    etcd = await startEtcd();
    return { server: etcd, sink: open({ endpoints: [etcd.endpoint] }) };
  }

  afterEach(async () => {
    for (const sink of sinks.splice(0)) await sink.close();
    await etcd?.stop();
    etcd = undefined;
  });

  it('writes, lists and deletes single keys', async () => {
    const { server, sink } = await start();
    await sink.put(KEY, '{"status":"up"}');
    await sink.put(`${PREFIX}häßlich`, '{"status":"error"}');
    await server.put('/calico/felix/v1/host/web01/endpointless', 'x');
    assert.deepEqual(
      [...(await sink.list(PREFIX))],
      [
        [KEY, '{"status":"up"}'],
        [`${PREFIX}häßlich`, '{"status":"error"}'],
      ],
    );
    await sink.delete(KEY);
    await sink.delete(KEY);
    assert.deepEqual([...(await sink.list(PREFIX)).keys()], [`${PREFIX}häßlich`]);
  });

  it('binds a key to a lease of the time that was asked for', async () => {
    const { server, sink } = await start();
    await sink.putWithTtl(KEY, 'a', 89_500);
    const { kvs } = (await server.call('kv/range', { key: base64(KEY) })) as {
      readonly kvs: readonly { readonly lease: string }[];
    };
    const lease = await server.call('kv/lease/timetolive', { ID: kvs[0]?.lease });
    assert.equal(lease['grantedTTL'], '90');
  });

  it('lets a key expire that is not written again', async () => {
    const { sink } = await start();
    await sink.putWithTtl(KEY, 'a', 1_000);
    assert.equal((await sink.list(PREFIX)).size, 1);
    const deadline = performance.now() + 10_000;
    while ((await sink.list(PREFIX)).size > 0) {
      assert.ok(performance.now() < deadline, 'the key is still there');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });

  it('fails within its deadline while etcd is away, and goes on when it is back', async () => {
    const { server, sink } = await start();
    await sink.put(KEY, 'a');
    await server.kill();
    await assert.rejects(sink.put(KEY, 'b'), isSourceError('etcd-unavailable'));
    await server.restart();
    await sink.put(KEY, 'c');
    assert.deepEqual([...(await sink.list(PREFIX)).values()], ['c']);
  });

  it('goes to another member when one does not answer', async () => {
    const { server } = await start();
    const sink = open({ endpoints: ['http://127.0.0.1:1', server.endpoint] });
    // Which member comes first is left to chance; the second attempt is at the other one.
    await sink.put(KEY, 'a').catch(() => sink.put(KEY, 'a'));
    assert.equal((await sink.list(PREFIX)).get(KEY), 'a');
  });

  it('ends what is under way when it is closed', async () => {
    const { server, sink } = await start();
    await sink.put(KEY, 'a');
    server.pause();
    try {
      const writing = assert.rejects(sink.put(KEY, 'b'), isSourceError('etcd-unavailable'));
      const startedAt = performance.now();
      await sink.close();
      await writing;
      assert.ok(performance.now() - startedAt < FAST.requestTimeoutMs / 2);
    } finally {
      server.resume();
    }
  });

  describe('as a user with least privilege', () => {
    const USER = { username: 'web01', password: 'pass' };

    async function startWithUser(): Promise<Etcd> {
      etcd = await startEtcd({ auth: { rootPassword: 'root' } });
      await etcd.call('auth/role/add', { name: 'reporter' });
      const perm = {
        permType: 'READWRITE',
        key: base64(PREFIX),
        range_end: base64(`${PREFIX.slice(0, -1)}0`),
      };
      await etcd.call('auth/role/grant', { name: 'reporter', perm });
      await etcd.call('auth/user/add', { name: USER.username, password: USER.password });
      await etcd.call('auth/user/grant', { user: USER.username, role: 'reporter' });
      return etcd;
    }

    it('writes where it may, and is refused elsewhere without losing the connection', async () => {
      const { endpoint } = await startWithUser();
      const sink = open({ endpoints: [endpoint], ...USER });
      await sink.put(KEY, 'a');
      await assert.rejects(sink.put('/calico/other', 'x'), isSourceError('etcd-refused'));
      await assert.rejects(sink.list('/calico/'), isSourceError('etcd-refused'));
      await sink.putWithTtl(KEY, 'b', 60_000);
      assert.deepEqual([...(await sink.list(PREFIX))], [[KEY, 'b']]);
    });

    it('does not tell the password when it cannot log in', async () => {
      const { endpoint } = await startWithUser();
      const sink = open({ endpoints: [endpoint], ...USER, password: 'wrong-secret' });
      await assert.rejects(sink.put(KEY, 'a'), (error: Error) => {
        assert.match(error.message, /cannot log in as web01/);
        assert.doesNotMatch(error.message, /wrong-secret/);
        return true;
      });
    });
  });
});

function isSourceError(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof SourceError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  };
}
