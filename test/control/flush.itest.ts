import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControlClient } from '../../src/control/client.ts';
import type { ControlClient } from '../../src/control/client.ts';
import { SOCKET_NAME, type StatusAnswer } from '../../src/control/wire.ts';
import { Daemon } from '../support/daemon.ts';
import { type Namespace, NamespaceGroup } from '../support/netns.ts';

const RESOURCES = `apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: hosta-eth0, labels: {role: edge}}
spec: {node: hosta, interfaceName: eth0, profiles: [gone]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkSet
metadata: {name: admins, labels: {who: admins}}
spec: {nets: [192.0.2.20/32, 198.51.100.0/24]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: web}
spec:
  selector: role == "edge"
  ingress:
    - {action: Log, protocol: TCP, destination: {ports: [81]}}
    - {action: Allow, protocol: TCP, source: {selector: who == "admins"}, destination: {ports: [80, 443]}}
`;

const PACKET = {
  path: 'input',
  family: 4,
  iifname: 'eth0',
  oifname: '',
  oifnameAfterDnat: null,
  source: '198.51.100.7',
  destination: '192.0.2.10',
  protocol: 6,
  sourcePort: 4000,
  destinationPort: 443,
  icmpType: null,
  icmpCode: null,
  hopLimit: 64,
  mark: 0,
  conntrack: 'new',
  dnat: null,
};

describe('a host that is opened on purpose', () => {
  const group = new NamespaceGroup();
  let home: string;
  let netns: Namespace;
  let daemon: Daemon;
  let client: ControlClient;

  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'rampart-api-'));
    writeFileSync(join(home, 'a.yaml'), RESOURCES);
    netns = await group.add('hosta');
    await netns.run(
      ['ip', '-batch', '-'],
      'link set lo up\nlink add eth0 type veth peer name peer0\nlink set peer0 up\nlink set eth0 up\naddress add 192.0.2.10/24 dev eth0\n',
    );
    daemon = new Daemon({
      netns,
      nodeName: 'hosta',
      etcdEndpoint: '',
      runDir: join(home, 'run'),
      env: { DATASTORE_TYPE: 'file', RAMPART_DATASTORE_DIRECTORY: home },
    });
    await daemon.start();
    client = createControlClient(join(home, 'run', SOCKET_NAME));
  });

  after(async () => {
    client.close();
    await daemon.stop();
    await group.dispose();
    rmSync(home, { recursive: true });
  });

  const isTableThere = async (): Promise<boolean> =>
    (await netns.run(['nft', 'list', 'tables'])).includes('inet rampart');
  const status = async (): Promise<StatusAnswer> => client.status();

  it('tells where a member that matched comes from', async () => {
    const { members } = await client.explain(PACKET);
    assert.deepEqual(members, [
      {
        setId: members[0]?.setId,
        description: 'who == "admins"',
        member: '198.51.100.0/24',
        objects: ['GlobalNetworkSet admins'],
      },
    ]);
  });

  it('tells the connections of this host, with what policy says of each', async () => {
    await netns.run(['bash', '-c', 'echo x > /dev/udp/127.0.0.1/9']);
    const { connections } = await client.connections();
    const loopback = connections.find(({ packet }) => packet['destinationPort'] === 9);
    assert.equal(loopback?.verdict, 'allow');
  });

  it('opens the host on purpose, remembers it over a restart, and protects it again on reapply', async () => {
    await client.flush(null);
    assert.equal(await isTableThere(), false);
    const { rulesInForce, flushedUntil, alarms } = await status();
    assert.deepEqual([rulesInForce, flushedUntil], ['flushed', 'forever']);
    assert.ok(alarms.some(({ code }) => code === 'flushed'));
    await daemon.terminate();
    daemon.launch();
    await daemon.waitFor('the start', (lines) => lines.length > 0, 10_000, daemon.position);
    // Before its view is complete it has nothing to write again.
    while ((await status().catch(() => null))?.inSync !== true) await new Promise(setImmediate);
    assert.equal(await isTableThere(), false);
    assert.equal((await status()).rulesInForce, 'flushed');
    await client.reapply();
    assert.equal(await isTableThere(), true);
    assert.equal((await status()).rulesInForce, 'current');
  });

  it('takes away again what others put back meanwhile', async () => {
    const { ruleset } = await client.desired();
    await client.flush(null);
    await netns.run(['nft', '-f', '-'], ruleset);
    const gone = async (): Promise<boolean> => !(await isTableThere());
    while (!(await gone())) await new Promise(setImmediate);
    await client.reapply();
    assert.equal(await isTableThere(), true);
  });

  it('protects the host again when the time is over', async () => {
    const { position } = daemon;
    await client.flush(1);
    assert.equal(await isTableThere(), false);
    await daemon.applied(position);
    assert.equal(await isTableThere(), true);
    assert.equal((await status()).flushedUntil, null);
  });

  it('refuses a time that is none', async () => {
    for (const seconds of [0, -1, 1.5, 1e9])
      await assert.rejects(client.flush(seconds), /write a whole number/);
    assert.equal(await isTableThere(), true);
  });
});
