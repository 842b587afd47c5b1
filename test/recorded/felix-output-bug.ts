import type { Namespace } from '../support/netns.ts';

/**
 * A bug of Felix in nftables mode that the records hold: it dispatches local output by `ct status != dnat`,
 * which no packet without a conntrack entry satisfies, so such packets leave past every egress policy.
 * They are answers of half-untracked connections (INVALID) and neighbour discovery (untracked).
 */
export const FELIX_OUTPUT_BUG =
  'Felix in nftables mode lets local packets without a conntrack entry (INVALID, neighbour discovery) past egress policy';

/** Puts that bug into the ruleset in force, until the function it resolves to is called. */
export async function imitateOutputBug(namespace: Namespace): Promise<() => Promise<void>> {
  const chain = await outputChain(namespace);
  const rule = ['nft', '-e', '-a', 'insert', 'rule', 'inet', 'rampart', chain];
  const echoed = await namespace.run([...rule, 'ct state invalid,untracked accept']);
  const handle = /# handle ([0-9]+)/.exec(echoed)?.[1];
  if (handle === undefined) throw new Error(`nft did not say the handle: ${echoed}`);
  return async () => {
    await namespace.run(['nft', 'delete', 'rule', 'inet', 'rampart', chain, 'handle', handle]);
  };
}

interface ListedChain {
  readonly name: string;
  readonly hook?: string;
  readonly prio?: number;
}

async function outputChain(namespace: Namespace): Promise<string> {
  const listed = await namespace.run(['nft', '-j', 'list', 'table', 'inet', 'rampart']);
  const { nftables } = JSON.parse(listed) as {
    readonly nftables: readonly { readonly chain?: ListedChain }[];
  };
  const found = nftables.find(({ chain }) => chain?.hook === 'output' && chain.prio === 0);
  if (found?.chain === undefined) throw new Error('no chain of table rampart filters output');
  return found.chain.name;
}
