import { nftText } from '../../src/ruleset/nft-text.ts';
import { EXIT } from '../exit-codes.ts';
import type { Call } from './command.ts';
import { worldOfCall } from './offline/world-of-call.ts';
import { printable, worldRuleset } from './offline/world-ruleset.ts';

/** `rampartctl render`: the nftables ruleset that objects lead to. */
export async function run(call: Call): Promise<number> {
  const { chains, sets, counters } = printable(worldRuleset(await worldOfCall(call)));
  const value = { chains: [...chains.values()], sets: [...sets.values()], counters: [...counters] };
  await call.output.print(value, () => [...nftText({ chains, sets, counters })].join(''));
  return EXIT.ok;
}
