import type { BaseHook, Chain, Match, Ruleset } from '../ruleset/ruleset.ts';

/** Where packets are shown to whoever judges them by staged policies. */
export const STAGED_LOG = { group: 21_079, prefix: 'rampart staged' } as const;

// Ahead of the chains that judge, so that packets which those deny are shown as well.
const HOOKS = {
  'staged-input': { hook: 'input', priority: -1 },
  'staged-forward': { hook: 'forward', priority: -1 },
  'staged-output': { hook: 'output', priority: -1 },
} as const satisfies Readonly<Record<string, BaseHook>>;

// After the state, so that only packets that begin something use up the allowance.
const NEW: readonly Match[] = [
  { kind: 'ct-state', states: ['new', 'untracked'] },
  { kind: 'limit', rate: 100, per: 'second', burst: 200 },
];

const CHAINS: readonly Chain[] = Object.entries(HOOKS).map(([name, base]) => ({
  name,
  base,
  rules: [
    {
      comment: 'new connections, for staged policies',
      matches: NEW,
      statements: [{ kind: 'nflog', ...STAGED_LOG }],
    },
  ],
}));

const shown = new WeakMap<Ruleset['chains'], Ruleset['chains']>();

/**
 * The ruleset with chains of their own that show packets of new connections, at most a hundred a second in each, and give
 * no verdict. All its other chains are the same objects.
 */
export function showNewConnections(ruleset: Ruleset): Ruleset {
  const chains = shown.get(ruleset.chains) ?? withChains(ruleset.chains);
  shown.set(ruleset.chains, chains);
  return { ...ruleset, chains };
}

function withChains(chains: Ruleset['chains']): Ruleset['chains'] {
  return new Map([...chains, ...CHAINS.map((chain) => [chain.name, chain] as const)]);
}
