import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RESOURCE_KEYS } from '../support/calico.ts';
import { makeAuthority, replaceFile } from '../source/certificates.ts';
import type { Authority } from '../source/certificates.ts';
import type { TlsFiles } from '../support/etcd.ts';
import { EtcdBench, MEMBER_ADDRESSES } from './etcd-bench.ts';

const [ETCD_ADDRESS] = MEMBER_ADDRESSES;
const USED = 'credentials for etcd changed; connecting anew';
const UNUSED = 'changed credentials for etcd do not work; not used yet';

/** The error with which the daemon said that the datastore is lost. */
function whyLost(bench: EtcdBench, position: number): string {
  const lost = bench.daemon.log.slice(position).find(({ msg }) => msg.startsWith('datastore lost'));
  return String(lost?.['error']);
}

/** What `rampartctl support-bundle` collects. */
async function supportBundle({ lab, daemon }: EtcdBench): Promise<string> {
  const program = ['env', `RAMPART_RUN_DIR=${daemon.runDir}`, process.execPath, '--import=tsx'];
  const argv = [...program, 'daemon/rampartctl.ts', 'support-bundle'];
  const bundle = await lab.hosts.A.namespace.run(argv);
  assert.match(bundle, /"policyView"/);
  return bundle;
}

/** Nothing that the daemon says or keeps holds one of these, and others cannot read what it keeps. */
async function keepsSecret(bench: EtcdBench, secrets: readonly string[]): Promise<void> {
  const { stateDir, log } = bench.daemon;
  const names = await readdir(stateDir);
  assert.ok(names.includes('snapshot') && names.includes('trusted-cluster'), names.join());
  const kept = names.map((name) => join(stateDir, name));
  const texts = await Promise.all(kept.map((path) => readFile(path, 'utf8')));
  const { body } = await bench.health();
  const bundle = await supportBundle(bench);
  for (const secret of secrets) {
    for (const text of [...texts, body, bundle, JSON.stringify(log)])
      assert.ok(!text.includes(secret));
  }
  for (const path of kept) assert.equal((await stat(path)).mode & 0o777, 0o600, path);
}

describe('etcd with passwords', () => {
  const READER = 'reader';
  const range = { key: base64(RESOURCE_KEYS), range_end: base64(`${RESOURCE_KEYS.slice(0, -1)}0`) };
  let directory: string;
  let passwordFile: string;
  let bench: EtcdBench;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rampart-password-'));
    passwordFile = join(directory, 'password');
    await writeFile(passwordFile, 'open-sesame-1\n');
    bench = await EtcdBench.build({
      etcd: {
        auth: { rootPassword: 'root' },
        flags: ['--auth-token=simple', '--auth-token-ttl=1'],
      },
      env: { ETCD_USERNAME: 'rampart', RAMPART_ETCD_PASSWORD_FILE: passwordFile },
    });
    await bench.etcd.call('auth/role/add', { name: READER });
    await allow();
    await bench.etcd.call('auth/user/add', { name: 'rampart', password: 'open-sesame-1' });
    await bench.etcd.call('auth/user/grant', { user: 'rampart', role: READER });
    await bench.daemon.start();
  });
  afterEach(async () => {
    await bench.stop();
    await rm(directory, { recursive: true });
  });

  async function allow(): Promise<void> {
    await bench.etcd.call('auth/role/grant', {
      name: READER,
      perm: { permType: 'READ', ...range },
    });
  }

  it('the token expired', async () => {
    await bench.unharmed(async () => {
      // Tokens live for a second since they were used last.
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      await bench.daemon.settled(await bench.change());
      const { position } = bench.daemon;
      await bench.cut();
      await bench.found(position);
      await bench.isAsFresh();
    });
  });

  it('the password changed', async () => {
    await bench.unharmed(async () => {
      const { position } = bench.daemon;
      const password = 'open-sesame-2';
      await bench.etcd.call('auth/user/changepw', { name: 'rampart', password });
      await bench.cut();
      await bench.lost(position);
      assert.match(whyLost(bench, position), /cannot log in as rampart/);
      await writeFile(passwordFile, `${password}\n`);
      await bench.found(position);
      await bench.isAsFresh();
      await keepsSecret(bench, ['open-sesame-1', password]);
    });
  });

  it('the role revoked and restored', async () => {
    await bench.unharmed(async () => {
      const { position } = bench.daemon;
      await bench.etcd.call('auth/role/revoke', { role: READER, ...range });
      await bench.cut();
      await bench.lost(position);
      assert.match(whyLost(bench, position), /permission denied/);
      await allow();
      await bench.found(position);
      await bench.isAsFresh();
    });
  });

  it('passwords are nowhere in the log, the status, the support bundle and the state directory', async () => {
    await bench.daemon.terminate();
    await bench.daemon.start();
    await keepsSecret(bench, ['open-sesame-1']);
  });
});

describe('etcd with certificates', () => {
  let directory: string;
  let authority: Authority;
  let server: TlsFiles;
  let mine: TlsFiles;
  let bench: EtcdBench;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rampart-certificates-'));
    authority = await makeAuthority(directory, 'authority');
    server = await used(await authority.issue('server', `IP:${ETCD_ADDRESS}`), 'etcd');
    const administrator = await authority.issue('administrator');
    mine = await used(await authority.issue('mine'), 'daemon');
    bench = await EtcdBench.start({
      etcd: { tls: { server, client: administrator } },
      env: {
        ETCD_CA_CERT_FILE: mine.caCertFile,
        ETCD_CERT_FILE: mine.certFile,
        ETCD_KEY_FILE: mine.keyFile,
      },
    });
  });
  afterEach(async () => {
    await bench.stop();
    await rm(directory, { recursive: true });
  });

  /** Copies of files, to be replaced. */
  async function used(files: TlsFiles, name: string): Promise<TlsFiles> {
    const certFile = join(directory, `${name}.crt`);
    const keyFile = join(directory, `${name}.key`);
    await copyFile(files.certFile, certFile);
    await copyFile(files.keyFile, keyFile);
    return { caCertFile: files.caCertFile, certFile, keyFile };
  }

  async function replace(target: TlsFiles, source: TlsFiles): Promise<void> {
    await replaceFile(source.certFile, target.certFile);
    await replaceFile(source.keyFile, target.keyFile);
  }

  async function says(text: string, position: number): Promise<void> {
    const isSaid = (lines: readonly { readonly msg: string }[]): boolean =>
      lines.some(({ msg }) => msg === text);
    await bench.daemon.waitFor(text, isSaid, 30_000, position);
  }

  it('client certificates rotated on disk', async () => {
    await bench.unharmed(async () => {
      const { position } = bench.daemon;
      await replace(mine, await authority.issue('next'));
      await says(USED, position);
      await bench.found(position);
      const lost = bench.daemon.log.slice(position).filter(({ msg }) => msg.includes('lost'));
      assert.deepEqual(lost, []);
      await bench.isAsFresh();
    });
  });

  it('the client certificate replaced by an expired one: not used, and refused once it must be', async () => {
    await bench.unharmed(async () => {
      const { position } = bench.daemon;
      await replace(mine, await authority.issue('expired', 'DNS:expired', -1));
      await says(UNUSED, position);
      await bench.daemon.settled(await bench.change());
      await bench.cut();
      await bench.lost(position);
      await replace(mine, await authority.issue('renewed'));
      await bench.found(position);
      await bench.isAsFresh();
    });
  });

  for (const [what, why, issue] of [
    [
      'the certificate of etcd expired',
      /expired/,
      () => authority.issue('late', `IP:${ETCD_ADDRESS}`, -1),
    ],
    [
      'the certificate of etcd is of another authority',
      /certificate/,
      async () => (await makeAuthority(directory, 'other')).issue('server', `IP:${ETCD_ADDRESS}`),
    ],
    [
      'the certificate of etcd has another name',
      /altnames/,
      () => authority.issue('elsewhere', 'IP:10.0.1.99'),
    ],
  ] as const) {
    it(what, async () => {
      await bench.unharmed(async () => {
        const { position } = bench.daemon;
        await replace(server, await issue());
        await bench.cut();
        await bench.lost(position);
        assert.match(whyLost(bench, position), why);
        await replace(server, await authority.issue('server', `IP:${ETCD_ADDRESS}`));
        await bench.found(position);
        await bench.isAsFresh();
      });
    });
  }

  it('keys are nowhere in the log, the status, the support bundle and the state directory', async () => {
    await bench.daemon.terminate();
    await bench.daemon.start();
    const key = await readFile(mine.keyFile, 'utf8');
    const lines = key.split('\n').filter((line) => line.length > 20 && !line.startsWith('-'));
    await keepsSecret(bench, lines);
  });
});

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
