import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRtnetlinkRoutes } from '../../src/host/routes.ts';
import type { Routes } from '../../src/host/routes.ts';
import { describeInNamespace } from '../netlink/describe-in-namespace.ts';

const COMMANDS = `link set lo up
link add eth0 type veth peer name peer0
link add eth1 type veth peer name peer1
link set eth0 up
link set peer0 up
link set eth1 up
link set peer1 up
address add 10.0.1.1/24 dev eth0
address add fd00:1::1/64 dev eth0 nodad
address add 10.0.2.1/24 dev eth1
route add default via 10.0.1.254
route add blackhole 198.18.0.0/15
route add prohibit 192.0.2.0/24
rule add from 10.0.2.1 table 7
route add default via 10.0.2.254 table 7
`;

describeInNamespace('createRtnetlinkRoutes', () => {
  let routes: Routes;
  let indexes: Readonly<Record<string, number>>;

  before(() => {
    execFileSync('ip', ['-batch', '-'], { input: COMMANDS });
    const links = JSON.parse(execFileSync('ip', ['-j', 'link'], { encoding: 'utf8' })) as {
      readonly ifindex: number;
      readonly ifname: string;
    }[];
    indexes = Object.fromEntries(links.map(({ ifname, ifindex }) => [ifname, ifindex]));
    routes = createRtnetlinkRoutes();
  });
  after(async () => {
    await routes.close();
    for (const name of ['eth0', 'eth1']) execFileSync('ip', ['link', 'del', name]);
    execFileSync('ip', ['link', 'set', 'lo', 'down']);
    execFileSync('ip', ['rule', 'del', 'from', '10.0.2.1']);
  });

  for (const [title, family, destination, source, name, isUnicast] of [
    ['a neighbour', 4, '10.0.1.9', null, 'eth0', true],
    ['an IPv6 neighbour', 6, 'fd00:1::9', 'fd00:1::1', 'eth0', true],
    ['the world', 4, '203.0.113.9', null, 'eth0', true],
    [
      'the world from an address with routes of its own',
      4,
      '203.0.113.9',
      '10.0.2.1',
      'eth1',
      true,
    ],
    ['this host', 4, '10.0.2.1', null, 'lo', false],
    ['everybody on the link', 4, '10.0.1.255', null, 'eth0', false],
  ] as const)
    it(`knows the way to ${title}`, async () => {
      const route = await routes.to(family, destination, source);
      assert.deepEqual(route, { index: indexes[name], isUnicast });
    });

  it('gives null where nothing leaves', async () => {
    for (const destination of ['198.18.0.1', '192.0.2.1', 'nowhere'])
      assert.equal(await routes.to(4, destination, null), null);
    assert.equal(await routes.to(6, '2001:db8::1', null), null);
    assert.equal(await routes.to(4, '10.0.1.9', '10.7.7.7'), null);
  });

  it('rejects once closed', async () => {
    const closed = createRtnetlinkRoutes();
    await closed.close();
    await assert.rejects(closed.to(4, '10.0.1.9', null), { code: 'routes-closed' });
  });
});
