import { NftablesError } from '../base/errors.ts';
import type { MemoryChain } from './memory-table.ts';
import { referencesOf } from './rule-references.ts';

/** Chains below a base chain on the longest allowed path (NFT_JUMP_STACK_SIZE is 16, the base chain counts). */
const DEEPEST = 15;

/**
 * Checks what the kernel checks before a commit, from every base chain: no path of jumps and gotos has 16
 * chains below it (a loop always has), and `reject` is not reached from postrouting. Throws NftablesError `invalid`.
 */
export function validateCalls(chains: ReadonlyMap<string, MemoryChain>): void {
  const depths = new Map<string, number>();
  const rejecting = new Map<string, boolean>();
  for (const chain of chains.values()) {
    if (chain.base === null) continue;
    if (depthBelow(chains, chain, depths) > DEEPEST)
      throw new NftablesError('invalid', `Too many links: chains below "${chain.name}"`);
    if (chain.base.hook === 'postrouting' && rejects(chains, chain, rejecting))
      throw new NftablesError('invalid', `Operation not supported: reject below "${chain.name}"`);
  }
}

// Chains under way count as endlessly deep: meeting one again is a loop.
function depthBelow(
  chains: ReadonlyMap<string, MemoryChain>,
  chain: MemoryChain,
  known: Map<string, number>,
): number {
  const before = known.get(chain.name);
  if (before !== undefined) return before;
  known.set(chain.name, Infinity);
  let depth = 0;
  for (const called of callees(chains, chain))
    depth = Math.max(depth, 1 + depthBelow(chains, called, known));
  known.set(chain.name, depth);
  return depth;
}

function rejects(
  chains: ReadonlyMap<string, MemoryChain>,
  chain: MemoryChain,
  known: Map<string, boolean>,
): boolean {
  const before = known.get(chain.name);
  if (before !== undefined) return before;
  known.set(chain.name, false);
  const result =
    chain.rules.some((rule) =>
      rule.statements.some(
        (statement) => statement.kind === 'verdict' && statement.verdict.kind === 'reject',
      ),
    ) || callees(chains, chain).some((called) => rejects(chains, called, known));
  known.set(chain.name, result);
  return result;
}

function callees(
  chains: ReadonlyMap<string, MemoryChain>,
  chain: MemoryChain,
): readonly MemoryChain[] {
  return chain.rules
    .flatMap((rule) => [...referencesOf(rule).chains])
    .flatMap((name) => chains.get(name) ?? []);
}
