import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { FlowView } from '../../src/control/wire.ts';
import type { CalicoObject } from '../support/calico.ts';
import { Bench } from './bench.ts';
import { drop, pass, tcp } from './check.ts';
import type { Check } from './check.ts';
import { ALLOW, ALLOW_PROFILE, DENY, eth0, eth1, policy, tcpTo } from './rows/objects.ts';

type Said = Partial<
  Pick<FlowView, 'direction' | 'interface' | 'endpoint' | 'stage' | 'reason' | 'tier' | 'policy'>
> & { readonly rule?: number | null };

/** A way to be denied: the objects, the probe that is, one that is not, and what is said of the first. */
interface Case {
  readonly title: string;
  readonly objects: readonly CalicoObject[];
  readonly denied: Check;
  readonly allowed: Check;
  readonly said: Said;
}

const open = [eth0(ALLOW_PROFILE), eth1(ALLOW_PROFILE)];
const into = { direction: 'ingress', interface: 'eth0', endpoint: 'a-eth0' } as const;
const byRule = { reason: 'rule', tier: 'default', policy: 'deny', rule: 1 } as const;
const rules = [tcpTo('Allow', 8055), tcpTo('Deny', 9000), ALLOW];
const denied = drop('C', 'A', tcp(9000));
const allowed = pass('C', 'A', tcp(8055));

const CASES: readonly Case[] = [
  {
    title: 'a rule',
    objects: [...open, policy('deny', { ingress: rules, egress: [ALLOW] })],
    ...{ denied, allowed },
    said: { ...into, ...byRule, stage: 'local' },
  },
  {
    title: 'a rule for what this host sends',
    objects: [...open, policy('deny', { ingress: [ALLOW], egress: rules })],
    denied: drop('A', 'C', tcp(9000)),
    allowed: pass('A', 'C', tcp(8055)),
    said: { ...into, ...byRule, direction: 'egress', stage: 'local' },
  },
  {
    title: 'the end of a tier',
    objects: [...open, policy('deny', { ingress: [tcpTo('Allow', 8055)], egress: [ALLOW] })],
    ...{ denied, allowed },
    said: { ...into, reason: 'tier', tier: 'default', policy: '', rule: null, stage: 'local' },
  },
  {
    title: 'an endpoint without a profile',
    objects: [eth0({ labels: { role: 'other' } }), policy('none', { ingress: [ALLOW] })],
    denied,
    allowed: pass('C', 'A', tcp(22)),
    said: { ...into, reason: 'endpoint', tier: '', policy: '', rule: null, stage: 'local' },
  },
  {
    title: 'an untracked policy',
    objects: [
      ...open,
      policy('deny', {
        ...{ doNotTrack: true, applyOnForward: true },
        ingress: [tcpTo('Deny', 9001), tcpTo('Deny', 9000)],
      }),
    ],
    ...{ denied, allowed },
    said: { ...into, ...byRule, stage: 'untracked' },
  },
  {
    title: 'a pre-DNAT policy',
    objects: [
      ...open,
      policy('deny', {
        ...{ preDNAT: true, applyOnForward: true },
        ingress: [tcpTo('Deny', 9001), tcpTo('Deny', 9000)],
      }),
    ],
    ...{ denied, allowed },
    said: { ...into, ...byRule, stage: 'preDNAT' },
  },
  {
    title: 'a policy for what is routed',
    objects: [...open, policy('deny', { applyOnForward: true, ingress: rules, egress: [ALLOW] })],
    denied: drop('C', 'S', tcp(9000)),
    allowed: pass('C', 'S', tcp(8055)),
    said: { ...into, ...byRule, stage: 'forward' },
  },
];

for (const isOn of [true, false])
  describe(`denied flows, flows.denied ${isOn ? 'on' : 'off'}`, () => {
    let bench: Bench;

    before(async function () {
      this.timeout(60_000);
      bench = await Bench.start({ daemons: true, config: `flows: {denied: ${isOn}}\n` });
    });

    after(async function () {
      this.timeout(20_000);
      await bench.dispose();
    });

    for (const one of CASES)
      it(`${isOn ? 'tells of' : 'says nothing of'} what is denied by ${one.title}`, async function () {
        this.timeout(30_000);
        await bench.store(one.objects);
        await bench.flushConntrack();
        const { last } = await bench.client('A').flows({ after: 0, limit: 1 });
        await bench.check(one.allowed);
        await bench.check(one.denied);
        if (!isOn) {
          const { enabled, flows } = await bench.client('A').flows({ after: 0, limit: 1 });
          assert.deepEqual([enabled, flows], [false, []]);
          return;
        }
        const flows = await flowsAfter(bench, last, one.denied.families.length);
        const port = one.denied.traffic.text;
        assert.ok(flows.length >= 2, `${port}: ${flows.length} flows`);
        for (const flow of flows) {
          assert.deepEqual(pick(flow, one.said), one.said);
          assert.equal(flow.verdict, 'denied');
          assert.deepEqual([flow.protocol, flow.destinationPort], [6, 9000]);
          assert.deepEqual(flow.tcpFlags, ['syn']);
          assert.ok(Math.abs(Date.parse(flow.at) - Date.now()) < 20_000);
        }
        assert.equal(new Set(flows.map(({ source }) => source.includes(':'))).size, 2);
      });

    it(`${isOn ? 'logs to' : 'does not mention'} the group in the ruleset`, async () => {
      await bench.store([...open, policy('deny', { ingress: [DENY], egress: [ALLOW] })]);
      const { ruleset } = await bench.client('A').desired();
      assert.equal(/log prefix "rampart-denied [0-9a-f]{24}" group 2000/.test(ruleset), isOn);
      assert.equal(ruleset.includes('limit rate'), isOn);
    });

    if (isOn)
      it('raises an alarm while another program holds the group, and enforces', async function () {
        this.timeout(60_000);
        const daemon = bench.daemon('A');
        await daemon.terminate();
        const holder = await hold(bench);
        try {
          await daemon.start();
          const { alarms } = await bench.client('A').status();
          const alarm = alarms.find(({ code }) => code === 'flows-unavailable');
          assert.match(alarm?.message ?? '', /NFLOG group 2000 is held by another program/);
          await bench.store([...open, policy('deny', { ingress: rules, egress: [ALLOW] })]);
          await bench.flushConntrack();
          await bench.check(allowed);
          await bench.check(denied);
          const { ruleset } = await bench.client('A').desired();
          assert.doesNotMatch(ruleset, / group 2000/);
        } finally {
          await holder.end();
        }
      });
  });

async function flowsAfter(
  bench: Bench,
  after: number,
  count: number,
): Promise<readonly FlowView[]> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const { flows } = await bench.client('A').flows({ after, limit: 1000 });
    if (flows.length >= count || Date.now() > deadline) return flows;
    await wait(20);
  }
}

function pick(flow: FlowView, keys: Said): Said {
  return Object.fromEntries(Object.entries(flow).filter(([key]) => key in keys));
}

/** Another program that listens to the group on A. */
async function hold(bench: Bench): Promise<{ end(): Promise<void> }> {
  const module = new URL('../../src/nflog/nflog-packet-log.ts', import.meta.url).href;
  const script = `
    const { createNflogPacketLog } = await import('${module}');
    const log = createNflogPacketLog({ clock: Date, interfaceName: String });
    await log.open(2000, { prefix: '', onPacket() {}, onLost() {} });
    console.log('held');`;
  const child = bench.lab.hosts.A.namespace.spawn([
    process.execPath,
    ...['--import=tsx', '--input-type=module', '--eval', script],
  ]);
  assert.ok(child.stdout !== null);
  await once(child.stdout, 'data');
  return {
    end: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}
