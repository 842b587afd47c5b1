import assert from 'node:assert/strict';
import type { StageView, TierView } from '../../src/control/wire.ts';
import { tier, type CalicoObject } from '../support/calico.ts';
import { Bench } from './bench.ts';
import { type Check, drop, pass, reject, tcp, udp } from './check.ts';
import { ALLOW_PROFILE, DENY, endpointB, eth0, eth1, policy, tcpTo } from './rows/objects.ts';
import { watchTables } from './table-events.ts';

const OBSERVE = 'enforcement: observe\n';
const ENFORCE = 'enforcement: enforce\n';

function observing(name: string, order: number, value = 'observe'): CalicoObject {
  const { metadata, ...rest } = tier(name, order);
  return { ...rest, metadata: { ...metadata, annotations: { 'rampart/enforcement': value } } };
}

// Every stage, both directions, and each way to be denied: by a rule, by the end of a tier, by nobody.
const CLOSED: readonly CalicoObject[] = [
  eth0(),
  eth1(),
  endpointB(),
  policy('web', {
    ingress: [tcpTo('Allow', 8055), tcpTo('Deny', 9000)],
    egress: [tcpTo('Deny', 9001)],
    applyOnForward: true,
  }),
  policy('early', { ingress: [tcpTo('Deny', 9100)], preDNAT: true, applyOnForward: true }),
  policy('raw', { ingress: [tcpTo('Deny', 9200)], doNotTrack: true, applyOnForward: true }),
];

const DENIED: readonly Check[] = [
  drop('C', 'A', tcp(9000)),
  drop('C', 'A', udp(9000)),
  drop('C', 'A', tcp(9100)),
  drop('C', 'A', tcp(9200)),
  drop('A', 'C', tcp(9001)),
  drop('C', 'S', tcp(9000)),
  drop('B', 'C', tcp(9000)),
];

const passing = (checks: readonly Check[]): readonly Check[] =>
  checks.map((check) => ({ ...check, expect: 'pass' }));

describe('enforcement: observe', () => {
  let bench: Bench;

  before(async function () {
    this.timeout(60_000);
    bench = await Bench.start({ daemons: true, config: OBSERVE });
  });
  after(() => bench.dispose());

  async function stageOf(name: string, direction: string): Promise<StageView> {
    const { endpoints } = await bench.client('A').policies();
    const found = endpoints
      .find(({ name: endpoint }) => endpoint === 'a-eth0')
      ?.stages.find((stage) => stage.stage === name && stage.direction === direction);
    assert.ok(found, `a-eth0 has no stage ${name} ${direction}`);
    return found;
  }

  async function tierOf(direction: string, name: string): Promise<TierView> {
    const found = (await stageOf('normal', direction)).tiers.find((one) => one.name === name);
    assert.ok(found, `no tier ${name}`);
    return found;
  }

  function wouldDeny({ policies }: TierView): readonly (number | null)[] {
    return policies.flatMap(({ rules }) => rules.map((rule) => rule.wouldDeny?.packets ?? null));
  }

  async function reload(config: string): Promise<void> {
    const reloaded = (['A', 'B'] as const).map(async (host) => {
      const daemon = bench.daemon(host);
      const { position } = daemon;
      daemon.reload(config);
      await daemon.applied(position);
    });
    await Promise.all(reloaded);
  }

  // Connections that are new all the time, and one that goes on.
  async function whilePermitted(change: () => Promise<void>): Promise<void> {
    const { agent } = bench.lab.hosts.C;
    const kinds = [
      { kind: 'tcp', port: 8055 },
      { kind: 'udp', port: 68 },
    ] as const;
    for (const { kind, port } of kinds) {
      const probe = { kind, dst: '10.0.1.1', port };
      await agent.call('stream', { name: kind, probe, everyMs: 1 });
    }
    await change();
    for (const { kind } of kinds) {
      const { sent, answered } = await agent.call('endStream', { name: kind });
      assert.ok(sent > 5, `${sent} packets are too few to tell`);
      assert.equal(answered, sent, kind);
    }
  }

  it('denies nothing, in no stage and direction, and explain agrees', async () => {
    await bench.store(CLOSED);
    await bench.check(pass('C', 'A', tcp(8055)), ...passing(DENIED));
    const { namespace } = bench.lab.hosts.A;
    const table = await namespace.run(['nft', 'list', 'table', 'inet', 'rampart']);
    assert.doesNotMatch(table, /^[^"]*\b(drop|reject)\b/m);
  });

  it('counts what it would have denied, by rule, by tier and once a packet', async () => {
    await bench.store([]);
    await bench.store(CLOSED);
    await bench.check(...passing([drop('C', 'A', tcp(9000)), drop('C', 'A', udp(9000))]));
    const ofTier = await tierOf('ingress', 'default');
    // One SYN for each family; Allow rules count no denials.
    assert.deepEqual(wouldDeny(ofTier), [null, 2]);
    assert.deepEqual(ofTier.policies[0]?.rules[1]?.hits?.packets, 0);
    assert.equal(ofTier.endWouldDeny?.packets, 2);
    const { enforcement, wouldDeny: total, alarms } = await bench.client('A').status();
    assert.equal(enforcement, 'observe');
    // The answers to UDP and TCP belong to connections that are known.
    assert.equal(total?.packets, 4);
    assert.ok(alarms.some(({ code }) => code === 'observing'));
  });

  it('counts a packet in the first hook that would deny it, not again in later ones', async () => {
    await bench.store([]);
    await bench.store(CLOSED);
    await bench.check(...passing([drop('C', 'A', tcp(9100)), drop('C', 'S', tcp(9000))]));
    const preDNAT = await stageOf('preDNAT', 'ingress');
    assert.deepEqual(preDNAT.tiers.flatMap(wouldDeny), [2]);
    // To S: denied on the way in by the rule; the egress of eth1 would have denied it as well.
    assert.deepEqual(wouldDeny(await tierOf('ingress', 'default')), [null, 2]);
    assert.equal((await bench.client('A').status()).wouldDeny?.packets, 4);
  });

  it('explains a verdict of allow together with what would deny', async () => {
    const answer = await bench.client('A').explain({
      ...{ path: 'input', iifname: 'eth0', protocol: 6, source: '10.0.1.9', sourcePort: 4000 },
      ...{ destination: '10.0.1.1', destinationPort: 9000 },
    });
    assert.equal(answer.verdict, 'allow');
    assert.equal(answer.enforced, 'deny');
    assert.deepEqual(answer.wouldDeny, ['GlobalNetworkPolicy web ingress[1] Deny']);
    assert.deepEqual(
      answer.rules.map(({ counter }) => counter),
      ['would-deny/ingress/gnp/web/1'],
    );
  });

  it('becomes enforce in one transaction, while a permitted stream loses nothing', async () => {
    const events = await watchTables(bench.lab.hosts.A.namespace);
    for (const [config, checks] of [
      [ENFORCE, DENIED],
      [OBSERVE, passing(DENIED)],
      [ENFORCE, DENIED],
    ] as const) {
      await whilePermitted(() => reload(config));
      assert.equal(await events.transactions(), 1);
      await bench.flushConntrack();
      await bench.check(pass('C', 'A', tcp(8055)), ...checks);
    }
    await events.stop();
    const { enforcement, wouldDeny: total } = await bench.client('A').status();
    assert.deepEqual([enforcement, total], ['enforce', null]);
  });

  it('observes one tier while the others enforce', async () => {
    const objects = [
      eth0(ALLOW_PROFILE),
      observing('rehearsal', 10),
      policy('new', { tier: 'rehearsal', ingress: [tcpTo('Allow', 8055), tcpTo('Deny', 9000)] }),
      policy('old', { ingress: [tcpTo('Deny', 9001), tcpTo('Deny', 8055), tcpTo('Allow', 9000)] }),
    ];
    await bench.store(objects);
    await bench.flushConntrack();
    await bench.check(
      // Allowed by the tier that observes, as it will be.
      pass('C', 'A', tcp(8055)),
      // Denied by it: the next tier is asked, and allows.
      pass('C', 'A', tcp(9000)),
      // Denied by its end: the next tier is asked, and denies.
      drop('C', 'A', tcp(9001)),
      drop('C', 'A', udp(9000)),
    );
    const rehearsal = await tierOf('ingress', 'rehearsal');
    assert.deepEqual(wouldDeny(rehearsal), [null, 2]);
    assert.equal(rehearsal.enforcement, 'observe');
    assert.ok((rehearsal.endWouldDeny?.packets ?? 0) >= 4);
    const status = await bench.client('A').status();
    assert.deepEqual([status.enforcement, status.observedTiers], ['enforce', ['rehearsal']]);
    const alarm = status.alarms.find(({ code }) => code === 'observing');
    assert.deepEqual(alarm?.objects, ['Tier rehearsal']);
  });

  it('denies as before once the tier is enforced, and with an annotation that it does not know', async () => {
    const objects = (annotated: CalicoObject): readonly CalicoObject[] => [
      eth0(ALLOW_PROFILE),
      annotated,
      policy('new', { tier: 'rehearsal', ingress: [tcpTo('Deny', 9000), DENY] }),
    ];
    const checks = [drop('C', 'A', tcp(9000)), drop('C', 'A', udp(9000))];
    for (const value of ['enforce', 'Observe']) {
      await bench.store(objects(observing('rehearsal', 10)));
      await bench.flushConntrack();
      await bench.check(...passing(checks));
      await bench.store(objects(observing('rehearsal', 10, value)));
      await bench.flushConntrack();
      await bench.check(...checks);
    }
    const { problems, alarms } = await bench.client('A').status();
    const problem = problems.find(({ code }) => code === 'enforcement-invalid');
    assert.equal(problem?.object, 'Tier rehearsal');
    assert.equal(problem.field, 'metadata.annotations["rampart/enforcement"]');
    assert.match(problem.message, /"Observe" is not known.*write observe/);
    const rejected = alarms.find(({ code }) => code === 'objects-rejected');
    assert.deepEqual(rejected?.objects, ['Tier rehearsal']);
  });

  it('has Reject wait as well', async () => {
    const felix: CalicoObject = {
      kind: 'FelixConfiguration',
      metadata: { name: 'default' },
      spec: { nftablesFilterDenyAction: 'Reject' },
    };
    const objects = [eth0(ALLOW_PROFILE), policy('web', { ingress: [tcpTo('Deny', 9000)] })];
    await bench.store([...objects, felix]);
    await bench.flushConntrack();
    await bench.check(reject('C', 'A', tcp(9000)));
    await reload(OBSERVE);
    await bench.check(pass('C', 'A', tcp(9000)));
  });
});
