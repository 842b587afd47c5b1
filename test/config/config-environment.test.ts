import assert from 'node:assert/strict';
import { formatProblem } from '../../src/base/problem.ts';
import { felixEnvironment, readEnvironment } from '../../src/config/config-environment.ts';
import type { Environment } from '../../src/config/config-environment.ts';

function read(environment: Environment): Record<string, string> {
  const { byKey, problems } = readEnvironment(environment);
  assert.deepEqual(problems, []);
  return Object.fromEntries([...byKey].map(([key, { text }]) => [key, text]));
}

describe('readEnvironment', () => {
  it('reads RAMPART_ and the words of a key', () => {
    assert.deepEqual(
      read({
        RAMPART_NODE_NAME: 'web01',
        RAMPART_NEIGHBOUR_DISCOVERY_KEEP_ALIVE: 'no',
        RAMPART_ETCD_CA_CERT_FILE: '/ca',
        RAMPART_STATE_DIR: '/s',
      }),
      {
        'node.name': 'web01',
        'neighbourDiscovery.keepAlive': 'no',
        'etcd.caCertFile': '/ca',
        stateDir: '/s',
      },
    );
  });

  it('reads the names Calico uses, with and without CALICO_', () => {
    assert.deepEqual(
      read({
        DATASTORE_TYPE: 'etcdv3',
        CALICO_ETCD_ENDPOINTS: 'https://a:2379',
        ETCD_CA_CERT_FILE: '/ca',
        ETCD_CERT_FILE: '/cert',
        ETCD_KEY_FILE: '/key',
        ETCD_USERNAME: 'u',
        ETCD_PASSWORD: 'p',
        CALICO_NODENAME: 'web01',
      }),
      {
        'node.name': 'web01',
        'datastore.type': 'etcdv3',
        'etcd.endpoints': 'https://a:2379',
        'etcd.caCertFile': '/ca',
        'etcd.certFile': '/cert',
        'etcd.keyFile': '/key',
        'etcd.username': 'u',
        'etcd.password': 'p',
      },
    );
  });

  it('prefers RAMPART_, then Calico’s names, then FELIX_', () => {
    const all = { RAMPART_NODE_NAME: 'a', NODENAME: 'b', FELIX_FELIXHOSTNAME: 'c' };
    assert.deepEqual(read(all), { 'node.name': 'a' });
    assert.deepEqual(read({ ...all, RAMPART_NODE_NAME: '' }), { 'node.name': 'b' });
    assert.deepEqual(read({ FELIX_FELIXHOSTNAME: 'c' }), { 'node.name': 'c' });
  });

  it('reads FELIX_ variables in any case, without those that say none', () => {
    assert.deepEqual(read({ felix_HealthPort: '1234', FELIX_ETCDCAFILE: 'none' }), {
      'health.port': '1234',
    });
  });

  it('builds an endpoint from FELIX_ETCDADDR and FELIX_ETCDSCHEME', () => {
    assert.deepEqual(read({ FELIX_ETCDADDR: 'a:2379' }), { 'etcd.endpoints': 'http://a:2379' });
    assert.deepEqual(
      read({
        FELIX_ETCDADDR: 'a:2379',
        FELIX_ETCDSCHEME: 'https',
        FELIX_ETCDENDPOINTS: 'http://b:1',
      }),
      { 'etcd.endpoints': 'http://b:1' },
    );
    assert.deepEqual(read({ FELIX_ETCDADDR: 'none' }), {});
  });

  it('names the variable a value comes from', () => {
    const { byKey } = readEnvironment({ CALICO_NODENAME: 'a', FELIX_HEALTHPORT: '1' });
    assert.equal(byKey.get('node.name')?.origin, 'environment variable CALICO_NODENAME');
    assert.equal(byKey.get('health.port')?.origin, 'environment variable FELIX_HEALTHPORT');
  });

  it('refuses RAMPART_ variables that no setting has', () => {
    const { problems } = readEnvironment({ RAMPART_NODENAME: 'a', RAMPART_ZZZ: 'b', OTHER: 'c' });
    assert.deepEqual(problems.map(formatProblem), [
      'environment variable RAMPART_NODENAME: No setting is called so; did you mean RAMPART_NODE_NAME?',
      'environment variable RAMPART_ZZZ: No setting is called so; unset it.',
    ]);
  });
});

describe('felixEnvironment', () => {
  it('keeps every parameter by lower-case name, known or not, but no empty ones', () => {
    const parameters = felixEnvironment({
      FELIX_LogPrefix: 'x',
      Felix_IPINIPENABLED: 'true',
      FELIX_: 'y',
      FELIX_EMPTY: '',
      PATH: '/bin',
    });
    assert.deepEqual(Object.fromEntries(parameters), { logprefix: 'x', ipinipenabled: 'true' });
  });
});
