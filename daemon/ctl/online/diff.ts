import { EXIT } from '../../exit-codes.ts';
import type { Call } from '../command.ts';
import type { Output } from '../output.ts';
import { askDaemon } from './ask-daemon.ts';
import { compareListings } from './compare-listings.ts';
import type { Difference } from './compare-listings.ts';
import { listKernel, listLoaded } from './nft-listing.ts';

const SHOWN = 20;

/** `rampartctl diff`: the kernel's table against what it should be. */
export async function run({ output }: Call): Promise<number> {
  const actual = await listKernel();
  if (actual === '') return sayAbsent(output);
  const { revision, ruleset } = await askDaemon((client) => client.desired(), '');
  const differences = compareListings(await listLoaded(ruleset), actual);
  await output.print({ revision, isTablePresent: true, differences }, () =>
    differences.length === 0
      ? `no difference: the kernel holds revision ${revision}`
      : differences.flatMap((one) => lines(one, output)).join('\n'),
  );
  return differences.length === 0 ? EXIT.ok : EXIT.failed;
}

async function sayAbsent(output: Output): Promise<number> {
  await output.print({ isTablePresent: false }, () =>
    output.paint('red', 'there is no table inet rampart in the kernel'),
  );
  return EXIT.failed;
}

function lines({ object, missing, extra, isReordered }: Difference, { paint }: Output): string[] {
  return [
    isReordered ? `${object}: its rules are in another order` : `${object}:`,
    ...some(missing).map((line) => paint('red', `  - ${line}`)),
    ...some(extra).map((line) => paint('green', `  + ${line}`)),
  ];
}

function some(all: readonly string[]): readonly string[] {
  if (all.length <= SHOWN) return all;
  return [...all.slice(0, SHOWN), `… ${all.length - SHOWN} more, see -o json`];
}
