import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { loadConfig } from '../../src/config/load-config.ts';

const FILE = `etcd:
  endpoints: https://10.0.0.1:2379
  certFile: /etc/rampart/keys/etcd-client.pem
  keyFile: /etc/rampart/keys/etcd-client.key
  username: rampart
  passwordFile: /etc/rampart/keys/etcd-password
`;

function etcd(environment: Readonly<Record<string, string>>): unknown {
  const input = { fileText: FILE, filePath: 'rampart.yaml', environment, hostName: 'web01' };
  const config = loadConfig(input);
  assert.ok(config.ok && config.value.datastore.kind === 'etcdv3');
  const { certFile, keyFile, passwordFile } = config.value.datastore;
  return { certFile, keyFile, passwordFile };
}

describe('credentials of systemd', () => {
  it('are read where systemd put them, under the names that the unit loads', () => {
    assert.deepEqual(etcd({ CREDENTIALS_DIRECTORY: '/run/credentials/rampart.service' }), {
      certFile: '/etc/rampart/keys/etcd-client.pem',
      keyFile: '/run/credentials/rampart.service/etcd-client.key',
      passwordFile: '/run/credentials/rampart.service/etcd-password',
    });
    const unit = readFileSync('systemd/rampart.service', 'utf8');
    for (const name of ['etcd-client.key', 'etcd-password']) {
      assert.ok(unit.includes(`\nLoadCredential=${name}:/etc/rampart/keys/${name}\n`));
      assert.ok(unit.includes(`\nSetCredential=${name}:absent\n`));
    }
  });

  it('are the files themselves where systemd is not', () => {
    assert.deepEqual(etcd({}), {
      certFile: '/etc/rampart/keys/etcd-client.pem',
      keyFile: '/etc/rampart/keys/etcd-client.key',
      passwordFile: '/etc/rampart/keys/etcd-password',
    });
  });
});
