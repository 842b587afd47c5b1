import assert from 'node:assert/strict';
import type { StagedView } from '../../src/control/wire.ts';
import type { CalicoObject, PolicySpec } from '../support/calico.ts';
import { Bench } from './bench.ts';
import { type Check, drop, pass, ping, tcp, udp, v4 } from './check.ts';
import { ALLOW_PROFILE, DENY, eth0, fromSelector, policy, tcpTo } from './rows/objects.ts';

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

  async function chains(): Promise<string> {
    const { ruleset } = await bench.client('A').desired();
    return ruleset;
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
