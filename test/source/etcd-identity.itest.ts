import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/base/logger.ts';
import { RESOURCE_PREFIX } from '../../src/base/raw-update.ts';
import type { EtcdSourceOptions } from '../../src/source/etcd-options.ts';
import { createEtcdSource } from '../../src/source/etcd-source.ts';
import type { Source } from '../../src/source/source.ts';
import { startEtcd } from '../support/etcd.ts';
import type { Etcd, TlsFiles } from '../support/etcd.ts';
import { makeAuthority, replaceFile } from './certificates.ts';
import type { Authority } from './certificates.ts';
import { realClock } from './real-clock.ts';
import { Recorder } from './recorder.ts';
import { TcpProxy } from './tcp-proxy.ts';

const KEY = `${RESOURCE_PREFIX}tiers/default`;
const TIMING = {
  requestTimeoutMs: 2_000,
  graceMs: 400,
  backoffMinMs: 20,
  backoffMaxMs: 200,
  credentialPollMs: 50,
};

describe('createEtcdSource, who it is', function () {
  this.timeout(15_000);
  let directory: string;
  let etcd: Etcd | undefined;
  let proxy: TcpProxy | undefined;
  let source: Source | undefined;
  let heard: Recorder;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rampart-identity-'));
    heard = new Recorder();
  });
  afterEach(async () => {
    await source?.close();
    await proxy?.close();
    await etcd?.stop();
    source = proxy = etcd = undefined;
    await rm(directory, { recursive: true });
  });

  const start = (options: EtcdSourceOptions): void => {
    const ports = { clock: realClock, logger: silentLogger };
    source = createEtcdSource({ timing: TIMING, ...options }, ports);
    source.start(heard.listener);
  };

  describe('with a password', () => {
    const grant = { name: 'reader', key: base64(RESOURCE_PREFIX), range_end: base64(prefixEnd()) };
    const login = { username: 'rampart' };
    let passwordFile: string;

    const started = async (): Promise<{ server: Etcd; link: TcpProxy }> => {
      const flags = ['--auth-token=simple', '--auth-token-ttl=1'];
      const server = await startEtcd({ auth: { rootPassword: 'root' }, flags });
      etcd = server;
      await server.call('auth/role/add', { name: 'reader' });
      await allow(server);
      await server.call('auth/user/add', { name: 'rampart', password: 'first' });
      await server.call('auth/user/grant', { user: 'rampart', role: 'reader' });
      await server.put(KEY, 'a');
      const link = await TcpProxy.to(server.endpoint);
      proxy = link;
      passwordFile = join(directory, 'password');
      await writeFile(passwordFile, 'first\n');
      start({ endpoints: [link.endpoint], ...login, passwordFile });
      await heard.inSync();
      return { server, link };
    };
    const allow = async (server: Etcd): Promise<void> => {
      const perm = { permType: 'READ', key: grant.key, range_end: grant.range_end };
      await server.call('auth/role/grant', { name: grant.name, perm });
    };

    it('outlives the token, and gets another when the connection is cut', async () => {
      const { server, link } = await started();
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      await server.put(KEY, 'b');
      await heard.has(KEY, 'b');
      const again = heard.next('in-sync');
      link.cut();
      await again;
      await server.put(KEY, 'c');
      await heard.has(KEY, 'c');
    });

    it('reads the password file again after the password was changed', async () => {
      const { server, link } = await started();
      await server.call('auth/user/changepw', { name: 'rampart', password: 'second' });
      const lost = heard.next('lost');
      link.cut();
      const { error } = await lost;
      assert.match(error.message, /cannot log in as rampart/);
      assert.doesNotMatch(error.message, /first/);
      const found = heard.next('in-sync');
      await writeFile(passwordFile, 'second\n');
      await found;
      await server.put(KEY, 'b');
      await heard.has(KEY, 'b');
    });

    it('keeps what it has while its role is revoked, and recovers by itself', async () => {
      const { server, link } = await started();
      const { name: role, ...range } = grant;
      await server.call('auth/role/revoke', { role, ...range });
      const lost = heard.next('lost');
      link.cut();
      const { error } = await lost;
      assert.match(error.message, /permission denied/);
      assert.equal(heard.state.get(KEY), 'a');
      const found = heard.next('in-sync');
      await allow(server);
      await found;
    });
  });

  describe('with client certificates', () => {
    let authority: Authority;
    let server: TlsFiles;
    let mine: TlsFiles;

    const serve = async (client = mine): Promise<Etcd> => {
      etcd = await startEtcd({ tls: { server, client } });
      await etcd.put(KEY, 'a');
      return etcd;
    };

    beforeEach(async () => {
      authority = await makeAuthority(directory, 'authority');
      server = await authority.issue('server', 'IP:127.0.0.1');
      mine = await authority.issue('mine');
    });

    it('uses new files as soon as they are complete, and not before', async () => {
      const { endpoint } = await serve();
      const used = { certFile: join(directory, 'c.crt'), keyFile: join(directory, 'c.key') };
      await copyFile(mine.certFile, used.certFile);
      await copyFile(mine.keyFile, used.keyFile);
      start({ endpoints: [endpoint], caCertFile: authority.caCertFile, ...used });
      await heard.inSync();
      const next = await authority.issue('next');
      await replaceFile(next.certFile, used.certFile);
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.equal(heard.events.at(-1)?.kind, 'in-sync');
      const again = heard.next('in-sync');
      await replaceFile(next.keyFile, used.keyFile);
      await again;
      assert.deepEqual(heard.of('lost'), []);
      assert.equal(heard.of('in-sync').length, 2);
    });

    it('recovers from being refused once there are files that etcd trusts', async () => {
      const other = await makeAuthority(directory, 'other');
      const trusted = await other.issue('trusted');
      const used = { certFile: join(directory, 'c.crt'), keyFile: join(directory, 'c.key') };
      await copyFile(mine.certFile, used.certFile);
      await copyFile(mine.keyFile, used.keyFile);
      server = await other.issue('server', 'IP:127.0.0.1');
      const { endpoint } = await serve(trusted);
      start({ endpoints: [endpoint], caCertFile: other.caCertFile, ...used });
      await heard.next('lost');
      const found = heard.next('in-sync');
      await replaceFile(trusted.certFile, used.certFile);
      await replaceFile(trusted.keyFile, used.keyFile);
      await found;
      assert.equal(heard.state.get(KEY), 'a');
    });

    it('refuses a server of another authority or name, and says so', async () => {
      const { endpoint } = await serve();
      const other = await makeAuthority(directory, 'other');
      start({ endpoints: [endpoint], ...mine, caCertFile: other.caCertFile });
      const unknown = await heard.next('lost');
      assert.match(unknown.error.message, /certificate/);
      await source?.close();
      heard = new Recorder();
      start({ endpoints: [endpoint.replace('127.0.0.1', 'localhost')], ...mine });
      const misnamed = await heard.next('lost');
      assert.match(misnamed.error.message, /altnames/);
    });

    it('names the file that cannot be read or used', async () => {
      const missing = join(directory, 'missing.crt');
      start({ endpoints: ['https://127.0.0.1:1'], caCertFile: missing });
      const absent = await heard.next('lost');
      assert.match(absent.error.message, /cannot read .*missing\.crt/);
      await source?.close();
      heard = new Recorder();
      const { keyFile } = await authority.issue('another');
      start({ endpoints: ['https://127.0.0.1:1'], ...mine, keyFile });
      const mixed = await heard.next('lost');
      assert.match(mixed.error.message, /another\.key cannot be used together: .*mismatch/);
    });
  });
});

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function prefixEnd(): string {
  return `${RESOURCE_PREFIX.slice(0, -1)}0`;
}
