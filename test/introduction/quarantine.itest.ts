import assert from 'node:assert/strict';
import type { Bench } from '../packets/bench.ts';
import { drop, pass, tcp, udp } from '../packets/check.ts';
import type { CalicoObject } from '../support/calico.ts';
import { KernelLog, kernelLogObstacle } from '../support/kernel-log.ts';
import { describeCases, given } from '../packets/cases.ts';
import { edited, labelled, manifests } from './manifests.ts';

const base = manifests('quarantine/host', 'quarantine/allows');
const inDefault = [...base, ...manifests('quarantine/quarantine')];
const inTier = [...base, ...manifests('quarantine/quarantine-in-tier')];
const forwarded = [...base, ...manifests('quarantine/quarantine-forwarded')];

/** Both endpoints of the host with the label, or without it. */
function quarantine(
  objects: readonly CalicoObject[],
  value: string | undefined,
): readonly CalicoObject[] {
  const set = (object: CalicoObject): CalicoObject => labelled(object, { quarantine: value });
  return edited(edited(objects, 'a-eth0', set), 'a-eth1', set);
}

const everythingPasses = [
  pass('C', 'A', tcp(8055)),
  pass('C', 'A', tcp(9000)),
  pass('A', 'C', tcp(8055)),
  pass('A', 'C', tcp(9000)),
];
const failsafes = [pass('C', 'A', tcp(22)), pass('A', 'C', udp(53))];
const onlyTheEarlierAllow = [
  pass('C', 'A', tcp(8055)),
  drop('C', 'A', tcp(9000)),
  pass('A', 'C', tcp(8055)),
  drop('A', 'C', tcp(9000)),
];
const nothingPasses = [
  drop('C', 'A', tcp(8055)),
  drop('C', 'A', tcp(9000)),
  drop('A', 'C', tcp(8055)),
  drop('A', 'C', tcp(9000)),
];

/** Lines of the kernel log about port 9000 while new connections try it, in and out. */
async function logLines(bench: Bench): Promise<readonly string[]> {
  await bench.flushConntrack();
  const log = new KernelLog();
  try {
    await bench.check(drop('C', 'A', tcp(9000)), drop('A', 'C', tcp(9000)));
    return log.read().filter((line) => line.includes('DPT=9000'));
  } finally {
    log.close();
  }
}

describeCases('quarantine', (bench) => {
  for (const value of [undefined, 'false'])
    it(`leaves a host alone whose label is ${value ?? 'not there'}`, async () => {
      await given(bench(), quarantine(inDefault, value), ...everythingPasses);
      await given(bench(), quarantine(inTier, value), ...everythingPasses);
    });

  it('in tier default comes after an allow of lower order and before one of higher order', async () => {
    await given(bench(), quarantine(inDefault, 'true'), ...onlyTheEarlierAllow, ...failsafes);
  });

  it('in a tier of its own comes before every allow', async () => {
    await given(bench(), quarantine(inTier, 'true'), ...nothingPasses, ...failsafes);
  });

  it('begins with the label and ends with it; what is established goes on', async () => {
    await given(bench(), inTier, ...everythingPasses);
    for (const family of [4, 6] as const)
      await bench().open(`before${family}`, 'C', 'A', { port: 9000, family });
    try {
      await bench().store(quarantine(inTier, 'true'));
      await bench().check(...nothingPasses, ...failsafes);
      for (const family of [4, 6])
        assert.equal(await bench().exchange(`before${family}`, 'C'), 'ok');
      await bench().store(inTier);
      await bench().check(...everythingPasses);
    } finally {
      for (const family of [4, 6])
        await bench().lab.hosts.C.agent.call('close', { name: `before${family}` });
    }
  });

  it('does not concern what the host forwards, unless the policy says so', async () => {
    await given(bench(), quarantine(inTier, 'true'), pass('C', 'S', tcp(9000)));
    await given(bench(), quarantine(forwarded, 'true'), drop('C', 'S', tcp(9000)));
    await given(bench(), quarantine(forwarded, 'false'), pass('C', 'S', tcp(9000)));
  });

  const obstacle = kernelLogObstacle();
  if (obstacle !== undefined) it(`logs both ways (cannot run here: ${obstacle})`);
  else
    it('logs what it refuses, in and out', async () => {
      await bench().store(quarantine(inTier, 'true'));
      const lines = await logLines(bench());
      for (const way of ['IN=eth0 OUT= ', 'IN= OUT=eth0 '])
        assert.ok(
          lines.some((line) => line.startsWith('calico-packet: ') && line.includes(way)),
          `no line with "${way}" among: ${lines.join('\n')}`,
        );
    });
});
