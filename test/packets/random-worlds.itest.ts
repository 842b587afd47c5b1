import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compileRuleset } from '../../src/compile/compile.ts';
import { explainPacket } from '../../src/explain/explain.ts';
import { formatExplanation } from '../../src/explain/format-explanation.ts';
import { optimiseRuleset } from '../../src/optimise/optimise.ts';
import type { LocalPolicy } from '../../src/policy/local-policy.ts';
import { nftText } from '../../src/ruleset/nft-text.ts';
import type { Ruleset } from '../../src/ruleset/ruleset.ts';
import { crowdedWorlds } from '../support/crowded-world.ts';
import { localPolicyOf, worlds } from '../support/random-policy.ts';
import { SETTINGS } from '../support/settings.ts';
import { Bench } from './bench.ts';
import { flightsOf, type Flight, fly } from './flight.ts';

const SEED = Number(process.env['RANDOM_WORLDS_SEED'] ?? 20_261_125);
const WORLDS = Number(process.env['RANDOM_WORLDS'] ?? 12);
const SENT_AT_LEAST = 100;

// Without neighbour discovery no IPv6 packet is sent at all; its rows are elsewhere.
const settings = { ...SETTINGS, neighbourDiscoveryKeepAlive: true };

/** The flights whose fate is not the one that policy says, each with the trail that led there. */
async function wrongFates(
  bench: Bench,
  policy: LocalPolicy,
  flights: readonly Flight[],
): Promise<readonly string[]> {
  const explained = flights.map((flight) => ({
    flight,
    explanation: explainPacket({ policy, settings, packet: flight.packet }),
  }));
  const arrived = await fly(bench, flights);
  // A busy machine may be late; what was lost gets a second chance, what was denied may not arrive even once.
  const late = explained
    .filter(({ flight, explanation }) => explanation.verdict === 'allow' && !arrived.has(flight))
    .map(({ flight }) => flight);
  const again = late.length === 0 ? new Set<Flight>() : await fly(bench, late);
  return explained
    .filter(({ flight, explanation: { verdict } }) => {
      const isThere = arrived.has(flight) || again.has(flight);
      return isThere !== (verdict === 'allow');
    })
    .map(({ explanation }) => formatExplanation(explanation));
}

describe('random objects, as real packets', () => {
  let bench: Bench;

  before(async function () {
    this.timeout(60_000);
    bench = await Bench.start({ daemons: false });
  });

  after(() => bench.dispose());

  it('every packet arrives where nothing filters', async () => {
    const flights = flightsOf('tcp', 4);
    assert.ok(flights.length >= SENT_AT_LEAST / 2);
    assert.equal((await fly(bench, flights)).size, flights.length);
  });

  const judge = async (policy: LocalPolicy, ruleset: Ruleset): Promise<void> => {
    const text = [...nftText(ruleset)].join('');
    await bench.lab.hosts.A.namespace.run(['nft', '-f', '-'], text);
    const fates: string[] = [];
    for (const protocol of ['tcp', 'udp'] as const)
      for (const family of [4, 6] as const)
        fates.push(...(await wrongFates(bench, policy, flightsOf(protocol, family))));
    assert.deepEqual(fates, []);
  };

  for (const [index, world] of fc.sample(worlds, { seed: SEED, numRuns: WORLDS }).entries())
    it(`the kernel gives the verdict that policy gives (seed ${SEED}, world ${index})`, () => {
      const policy = localPolicyOf(world);
      return judge(policy, compileRuleset(policy, settings));
    });

  for (const [index, world] of fc.sample(crowdedWorlds, { seed: SEED, numRuns: WORLDS }).entries())
    it(`by verdict maps and unions of sets as well (seed ${SEED}, crowded world ${index})`, () => {
      const policy = localPolicyOf(world);
      return judge(policy, optimiseRuleset(compileRuleset(policy, settings)));
    });
});
