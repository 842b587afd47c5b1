import assert from 'node:assert/strict';
import type { StagedView } from '../../src/control/wire.ts';
import type { CalicoObject, PolicySpec } from '../support/calico.ts';
import { Bench } from './bench.ts';
import { type Check, drop, pass, ping, tcp, udp, v4, v6 } from './check.ts';
import { ALLOW_PROFILE, DENY, eth0, eth1, fromSelector, policy, tcpTo } from './rows/objects.ts';

function staged(name: string, spec: PolicySpec, action?: string): CalicoObject {
  const { metadata, ...rest } = policy(name, spec);
  const stagedAction = action === undefined ? {} : { stagedAction: action };
  return {
    kind: 'StagedGlobalNetworkPolicy',
    metadata,
    spec: { ...rest.spec, ...stagedAction },
  };
}

const ENFORCED: readonly CalicoObject[] = [
  eth0(ALLOW_PROFILE),
  policy('web', { ingress: [tcpTo('Allow', 8055, 9000)], egress: [tcpTo('Allow', 9001)] }),
];

const CHECKS: readonly Check[] = [
  v4(pass('C', 'A', tcp(8055))),
  v4(pass('C', 'A', tcp(9000))),
  v4(pass('A', 'C', tcp(9001))),
  v4(drop('C', 'A', tcp(9100))),
  v4(drop('C', 'A', udp(9000))),
  v4(drop('A', 'C', ping)),
];

const STAGED: readonly CalicoObject[] = [
  // In place of "web": 9000 goes, 9100 comes.
  staged('web', { ingress: [tcpTo('Allow', 8055, 9100)], egress: [tcpTo('Allow', 9001)] }),
  staged('no-egress', { order: 1, types: ['Egress'], egress: [DENY] }, 'Set'),
  staged('elsewhere', { selector: 'role == "nobody"', ingress: [DENY] }),
  staged('learned', { ingress: [] }, 'Learn'),
];

describe('staged policies', () => {
  let bench: Bench;

  before(async function () {
    this.timeout(60_000);
    bench = await Bench.start({ daemons: true });
  });
  after(() => bench.dispose());

  // All but the chains that show new connections.
  async function chains(): Promise<string> {
    const { ruleset } = await bench.client('A').desired();
    return ruleset.replaceAll(/\tchain staged-\w+ \{\n(?:\t\t.*\n)*\t\}\n/g, '');
  }

  // Packets are told a moment after they were sent.
  async function until(
    name: string,
    condition: (tally: StagedView) => boolean,
  ): Promise<StagedView> {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const found = await tally(name);
      if (condition(found) || Date.now() > deadline) return found;
    }
  }

  async function tally(name: string): Promise<StagedView> {
    const { policies, error } = await bench.client('A').staged();
    assert.equal(error, null);
    const found = policies.find((one) => one.name === `StagedGlobalNetworkPolicy ${name}`);
    assert.ok(found, `nothing is told of ${name}`);
    return found;
  }

  function changes({ allowToDeny, denyToAllow }: StagedView): readonly number[] {
    return [allowToDeny, denyToAllow];
  }

  it('change no verdict and no chain that is enforced', async () => {
    await bench.store(ENFORCED);
    await bench.flushConntrack();
    await bench.check(...CHECKS);
    const before = await chains();
    await bench.store([...ENFORCED, ...STAGED]);
    assert.equal(await chains(), before);
    await bench.flushConntrack();
    await bench.check(...CHECKS);
    await bench.store(ENFORCED);
    const { policies, together } = await bench.client('A').staged();
    assert.deepEqual([policies, together], [[], null]);
  });

  it('count the flows that they would deny, each alone and all together, with examples', async () => {
    await bench.store(ENFORCED);
    await bench.flushConntrack();
    await bench.store([...ENFORCED, ...STAGED]);
    await bench.check(...CHECKS);
    await bench.check(v4(pass('C', 'A', tcp(9000))));
    const web = await tally('web');
    assert.equal(web.allowToDeny, 2);
    assert.equal((await tally('no-egress')).allowToDeny, 1);
    const { policies, together } = await bench.client('A').staged();
    assert.equal(together?.allowToDeny, 3);
    assert.deepEqual(
      policies.map(({ name, evaluated }) => [name.split(' ')[1], evaluated]),
      [
        ['learned', false],
        ['no-egress', true],
        ['web', true],
      ],
    );
    const [example] = web.examples.filter(({ then }) => then.verdict === 'deny');
    assert.ok(example);
    const { path, iifname, source, destination, destinationPort, protocol, now, then } = example;
    assert.deepEqual(
      { path, iifname, source, destination, destinationPort, protocol },
      {
        ...{ path: 'input', iifname: 'eth0', source: '10.0.1.9', destination: '10.0.1.1' },
        ...{ destinationPort: 9000, protocol: 6 },
      },
    );
    assert.deepEqual(now, { verdict: 'allow', by: 'GlobalNetworkPolicy web ingress[0] Allow' });
    assert.deepEqual(then, { verdict: 'deny', by: 'end of tier default: Deny' });
    const [out] = (await tally('no-egress')).examples;
    assert.deepEqual(
      [out?.direction, out?.oifname, out?.destinationPort],
      ['egress', 'eth0', 9001],
    );
  });

  it('count the flows that they would allow, which connection tracking never knew', async () => {
    await bench.store(ENFORCED);
    await bench.flushConntrack();
    await bench.store([...ENFORCED, ...STAGED]);
    const { namespace } = bench.lab.hosts.A;
    const table = await namespace.run(['nft', 'list', 'chain', 'inet', 'rampart', 'staged-input']);
    assert.match(
      table,
      /ct state new,untracked limit rate 100\/second burst 200 packets log prefix/,
    );
    await bench.check(v4(drop('C', 'A', tcp(9100))), v6(drop('C', 'A', tcp(9100))));
    const web = await until('web', ({ denyToAllow }) => denyToAllow >= 2);
    // A connection that is tried again is the same one.
    assert.deepEqual(changes(web), [0, 2]);
    const ways = web.examples.map(({ path, iifname, destinationPort, now, then }) =>
      [path, iifname, destinationPort, now.by, then.by].join(' '),
    );
    const way =
      'input eth0 9100 end of tier default: Deny GlobalNetworkPolicy web ingress[0] Allow';
    assert.deepEqual(ways, [way, way]);
    assert.equal((await bench.client('A').staged()).together?.denyToAllow, 2);
    await bench.store(ENFORCED);
    const { ruleset } = await bench.client('A').desired();
    assert.doesNotMatch(ruleset, /staged/);
  });

  it('judge routed flows, with both interfaces', async () => {
    const router = [...ENFORCED, eth1(ALLOW_PROFILE)];
    const forwarded = staged('router', {
      applyOnForward: true,
      types: ['Egress'],
      egress: [tcpTo('Deny', 8055), { action: 'Allow' }],
    });
    await bench.store(router);
    await bench.flushConntrack();
    await bench.store([...router, forwarded]);
    await bench.check(v4(pass('C', 'S', tcp(8055))), v4(pass('C', 'S', tcp(9000))));
    const found = await until('router', ({ allowToDeny }) => allowToDeny >= 1);
    assert.equal(found.allowToDeny, 1);
    const [example] = found.examples;
    assert.deepEqual(
      [example?.path, example?.iifname, example?.oifname, example?.then.by],
      ['forward', 'eth0', 'eth1', 'GlobalNetworkPolicy router egress[0] Deny'],
    );
  });

  it('Delete takes the policy of that name away', async () => {
    await bench.store(ENFORCED);
    await bench.flushConntrack();
    await bench.store([
      ...ENFORCED,
      policy('rest', { order: 10, ingress: [tcpTo('Allow', 8055)] }),
      { ...staged('web', {}), spec: { tier: 'default', stagedAction: 'Delete' } },
    ]);
    await bench.check(v4(pass('C', 'A', tcp(9000))), v4(pass('C', 'A', tcp(8055))));
    const gone = await tally('web');
    assert.deepEqual(changes(gone)[0], 1);
    assert.equal(gone.examples.find(({ now }) => now.verdict === 'allow')?.destinationPort, 9000);
  });

  it('know the members of sets that only they refer to', async () => {
    const corp: CalicoObject = {
      kind: 'GlobalNetworkSet',
      metadata: { name: 'corp', labels: { net: 'corp' } },
      spec: { nets: ['10.0.1.9/32'] },
    };
    await bench.store(ENFORCED);
    await bench.flushConntrack();
    const refuse = staged('refuse', { order: 1, ingress: [fromSelector('Deny', 'net == "corp"')] });
    const before = await chains();
    await bench.store([...ENFORCED, corp, refuse]);
    assert.equal(await chains(), before);
    await bench.check(v4(pass('C', 'A', tcp(8055))));
    assert.equal((await tally('refuse')).allowToDeny, 1);
    await bench.store([...ENFORCED, refuse]);
    assert.equal(await chains(), before);
  });

  it('with a bad selector are a problem, and nothing else', async () => {
    await bench.store(ENFORCED);
    const before = await chains();
    await bench.store([...ENFORCED, staged('broken', { selector: 'role ==', ingress: [DENY] })]);
    assert.equal(await chains(), before);
    const { policies } = await bench.client('A').staged();
    assert.deepEqual(policies, []);
    const { problems } = await bench.client('A').status();
    const problem = problems.find(({ code }) => code === 'selector-invalid');
    assert.equal(problem?.object, 'StagedGlobalNetworkPolicy broken');
  });
});
