import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { directoryOf, HOSTS } from './resources.ts';
import { ctl } from './run.ts';

interface Answer {
  readonly verdict: string;
  readonly packet: Readonly<Record<string, unknown>>;
  readonly trail: readonly { readonly kind: string }[];
  readonly passedOver: readonly { readonly policy: string; readonly reason: string }[];
  readonly members: readonly { readonly member: string; readonly objects: readonly string[] }[];
  readonly rules: readonly { readonly rule: string; readonly counter: string }[];
}

describe('rampartctl explain', () => {
  let directory: ReturnType<typeof directoryOf>;
  before(() => {
    directory = directoryOf({ '10-hosts.yaml': HOSTS });
  });
  after(() => {
    directory.remove();
  });
  const explain = (...args: readonly string[]): ReturnType<typeof ctl> =>
    ctl([
      ...['explain', '--resources', directory.path, '--node', 'db-1'],
      ...['--interface', 'eth0=198.51.100.1,2001:db8:1::1', ...args],
    ]);
  const answer = async (...args: readonly string[]): Promise<Answer> => {
    const { exitCode, out, err } = await explain(...args, '-o', 'json');
    assert.deepEqual([exitCode, err], [0, '']);
    return JSON.parse(out) as Answer;
  };

  it('doubts an interface that nobody knows, and names the nearest', async () => {
    const packet = ['tcp', '203.0.113.7:4000', '198.51.100.1:5432'];
    const { exitCode, err } = await explain('--in', 'etho', ...packet);
    assert.deepEqual(
      [exitCode, err],
      [0, 'warning: no interface is called "etho"; did you mean "eth0"?\n'],
    );
  });

  it('names the deciding rule, the set, the member, its object, and the nft rule with its counter', async () => {
    const { out } = await explain('--in', 'eth0', 'tcp', '203.0.113.7:4000', '198.51.100.1:5432');
    assert.match(out, /GlobalNetworkPolicy allow-web: Allow\n +ingress\[0\] Allow: matches/);
    assert.match(out, /203\.0\.113\.7 is in set \S+ \(role == "web"\) through 203\.0\.113\.0\/24/);
    assert.match(out, /203\.0\.113\.0\/24 in \S+ \(role == "web"\): from GlobalNetworkSet web\n/);
    assert.match(out, /nftables rules:\n {2}chain ingress\/gnp\/allow-web: .*tcp|meta l4proto/);
    assert.match(out, /counter ingress\/gnp\/allow-web\/0\n/);
    assert.match(out, /verdict: allow: GlobalNetworkPolicy allow-web ingress\[0\] Allow\n$/);
  });

  it('says which policies were passed over, and why', async () => {
    const { verdict, passedOver, trail } = await answer(
      ...['--out', 'eth0', 'tcp', '198.51.100.1:4000', '203.0.113.7:80'],
    );
    assert.equal(verdict, 'deny');
    assert.ok(trail.length > 0);
    const reasons = new Map(passedOver.map(({ policy, reason }) => [policy, reason]));
    assert.equal(reasons.get('GlobalNetworkPolicy allow-web'), 'its types do not include Egress');
    assert.equal(
      reasons.get('GlobalNetworkPolicy web-only'),
      'its selector role == "web" does not match the host endpoint',
    );
  });

  it('understands IPv6, ICMP, protocol numbers, states and routed packets', async () => {
    const six = await answer('--in', 'eth0', 'tcp', '[2001:db8:2::7]:1', '[2001:db8:1::1]:5432');
    assert.equal(six.verdict, 'allow');
    assert.deepEqual(six.members[0]?.objects, ['GlobalNetworkSet web']);
    const ping = await answer('--in', 'eth0', 'icmp', '203.0.113.7', '198.51.100.1');
    assert.deepEqual([ping.verdict, ping.packet['icmpType']], ['deny', 8]);
    const neighbour = await answer(
      ...['--in', 'eth0', 'icmpv6', '--icmp-type', '135', 'fe80::1', 'fe80::2'],
    );
    assert.equal(neighbour.verdict, 'allow');
    const known = await answer(
      ...['--in', 'eth0', '--state', 'established', '47', '203.0.113.7', '198.51.100.1'],
    );
    assert.equal(known.verdict, 'allow');
    const routed = await answer(
      ...['--forward', 'eth0', 'eth1', 'udp', '203.0.113.7:53', '192.0.2.1:53'],
    );
    assert.deepEqual(
      ['path', 'iifname', 'oifname'].map((field) => routed.packet[field]),
      ['forward', 'eth0', 'eth1'],
    );
  });

  for (const [args, complaint] of [
    ['tcp 10.0.0.1:1 10.0.0.2:2', /say where the packet passes: --in eth0/],
    ['--in eth0 tcp 10.0.0.1:1', /write a protocol, a source and a destination/],
    ['--in eth0 tpc 10.0.0.1:1 10.0.0.2:2', /"tpc" is no protocol: write tcp, udp/],
    ['--in eth0 tcp 10.0.0.1:1 10.0.0.2', /the destination needs a port, such as 10\.0\.0\.2:22/],
    [
      '--in eth0 tcp 10.0.0.1:1 10.0.0.2:70000',
      /the destination "10\.0\.0\.2:70000" cannot be read/,
    ],
    ['--in eth0 icmp 10.0.0.1:1 10.0.0.2', /have no ports: write addresses only/],
    ['--in eth0 icmp fe80::1 fe80::2', /write icmpv6 between IPv6 addresses/],
    ['--in eth0 tcp 10.0.0.1:1 [fe80::2]:2', /is not an IPv4 address/],
    ['--forward eth0', /--forward needs two interfaces|write a protocol/],
    ['--in eth0 --state old tcp 10.0.0.1:1 10.0.0.2:2', /Allowed choices are new, established/],
  ] as const) {
    it(`refuses: ${args}`, async () => {
      const { exitCode, err } = await explain(...args.split(' '));
      assert.equal(exitCode, 64);
      assert.match(err, complaint);
    });
  }

  it('says how to start the daemon, and what works without it', async () => {
    const before = process.env['RAMPART_RUN_DIR'];
    process.env['RAMPART_RUN_DIR'] = directory.path;
    try {
      const { exitCode, err } = await ctl('explain --in eth0 tcp 10.0.0.1:1 10.0.0.2:2'.split(' '));
      assert.equal(exitCode, 69);
      assert.match(err, /Start it with "systemctl start rampart"/);
      assert.match(err, /rampartctl explain --resources DIR --node NAME/);
    } finally {
      if (before === undefined) delete process.env['RAMPART_RUN_DIR'];
      else process.env['RAMPART_RUN_DIR'] = before;
    }
  });
});
