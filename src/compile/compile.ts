import type { LocalEndpoint, LocalPolicy } from '../policy/local-policy.ts';
import { changesOf, deriveChains } from '../ruleset/derived-chains.ts';
import { chainReferences } from '../ruleset/references.ts';
import type { ChainReferences } from '../ruleset/references.ts';
import type { Chain, Ruleset } from '../ruleset/ruleset.ts';
import { baseChains, sameDispatches } from './base-chains.ts';
import type { Dispatch, Dispatches } from './base-chains.ts';
import { collectChains } from './chain-collection.ts';
import type { CollectedChains } from './chain-collection.ts';
import { CountedNames } from './counted-names.ts';
import type { EndpointStage, Position } from './endpoint-chains.ts';
import { compileStage, partsOf } from './endpoint-stage.ts';
import type { CompiledStage } from './endpoint-stage.ts';
import { denialPlaces, logDenials } from './denied-log.ts';
import type { DenialPlace } from './denied-log.ts';
import { marksOf } from './marks.ts';
import type { Direction } from './names.ts';
import { setNamesOf } from './set-names.ts';
import { observeRuleset } from './observe.ts';
import type { SetNames } from './set-names.ts';
import type { SharedChain, SharedContext } from './shared-chains.ts';
import type { CompileSettings } from './settings.ts';

/** Chains and counters: what depends on the policies, but not on the members of sets. */
interface CompiledChains {
  readonly settings: CompileSettings;
  /** What the names of sets meant. */
  readonly meaning: object;
  readonly chains: Ruleset['chains'];
  readonly counters: ReadonlySet<string>;
  readonly setNames: ReadonlySet<string>;
  /** The chains without rules that log denials. */
  readonly plain: Ruleset['chains'];
}

const compiledChains = new WeakMap<LocalPolicy['endpoints'], CompiledChains>();

/**
 * The nftables state that enforces a policy on this host, or observes what it would deny: a function of its arguments alone. Parts whose
 * inputs are the same objects as in an earlier call come out as the same objects.
 */
export function compileRuleset(policy: LocalPolicy, settings: CompileSettings): Ruleset {
  const { chains, counters, setNames } = compileOnce(policy, settings);
  const ruleset = { chains, sets: setNamesOf(policy.sets).findAll(setNames), counters };
  return settings.enforcement === 'observe' ? observeRuleset(ruleset, settings.markMask) : ruleset;
}

/** The places where that ruleset denies, by the prefix of what it logs; none when it does not log. */
export function compiledDenials(
  policy: LocalPolicy,
  settings: CompileSettings,
): ReadonlyMap<string, DenialPlace> {
  const { plain } = compileOnce(policy, settings);
  return settings.deniedLog === null ? new Map() : denialPlaces(plain.values());
}

/** What is remembered of the last ruleset of the same settings. */
interface LastRuleset extends Counted {
  readonly names: SetNames;
  readonly made: MadeChains;
  readonly collected: CollectedChains;
  readonly chains: Ruleset['chains'];
}

const lastRulesets = new WeakMap<CompileSettings, LastRuleset>();

function compileOnce({ endpoints, sets }: LocalPolicy, settings: CompileSettings): CompiledChains {
  const names = setNamesOf(sets);
  const last = lastRulesets.get(settings) ?? null;
  if (last !== null) names.follow(last.names);
  const known = compiledChains.get(endpoints);
  if (known?.settings === settings && known.meaning === names.meaning) return known;
  const compiled = compileChains(endpoints, { settings, names }, last);
  compiledChains.set(endpoints, compiled);
  return compiled;
}

function compileChains(
  endpoints: LocalPolicy['endpoints'],
  context: SharedContext,
  last: LastRuleset | null,
): CompiledChains {
  const { settings, names } = context;
  const made = makeChains(endpoints, context, last?.made ?? null);
  const collected = collectChains(made, last?.collected);
  const { counters, sets } = countNames(last, collected.chains);
  const chains = logged(collected.chains, settings, last);
  lastRulesets.set(settings, { names, made, collected, chains, counters, sets });
  const references = { counters: counters.names, setNames: sets.names };
  return { settings, meaning: names.meaning, chains, plain: collected.chains, ...references };
}

/** How many chains name a counter or a set. */
interface Counted {
  readonly counters: CountedNames;
  readonly sets: CountedNames;
}

const NO_CHAINS: Ruleset['chains'] = new Map();

function countNames(last: LastRuleset | null, chains: Ruleset['chains']): Counted {
  const counted = last ?? { counters: new CountedNames(), sets: new CountedNames() };
  for (const { before, after } of changesOf(last?.collected.chains ?? NO_CHAINS, chains)) {
    if (after !== undefined) count(chainReferences(after), counted, 'add');
    if (before !== undefined) count(chainReferences(before), counted, 'remove');
  }
  return counted;
}

function count(references: ChainReferences, counted: Counted, change: 'add' | 'remove'): void {
  counted.counters[change](references.counters);
  counted.sets[change](references.sets);
}

/** All chains, and what they were made of. */
interface MadeChains extends Pick<CollectedChains, 'own' | 'shared'> {
  /** By `keyOf` their positions. */
  readonly stages: ReadonlyMap<string, CompiledStage>;
  readonly dispatches: Dispatches;
  readonly base: readonly Chain[];
}

function makeChains(
  endpoints: LocalPolicy['endpoints'],
  context: SharedContext,
  last: MadeChains | null,
): MadeChains {
  const stages = new Map<string, CompiledStage>();
  const dispatches = compileEndpoints(endpoints, context.settings, (position) => {
    const key = keyOf(position);
    const stage = compileStage(position, { context, before: last?.stages.get(key) ?? null });
    stages.set(key, stage);
    return stage.name;
  });
  const { ipv6Support, markMask } = context.settings;
  const base =
    last !== null && sameDispatches(last.dispatches, dispatches)
      ? last.base
      : baseChains(dispatches, { marks: marksOf(markMask), ipv6Support });
  const own = new Map<string, Chain>();
  const shared = new Map<string, readonly SharedChain[]>();
  for (const part of [...stages.values()].flatMap(partsOf)) {
    for (const chain of part.own) own.set(chain.name, chain);
    for (const [user, chains] of part.shared) shared.set(user, chains);
  }
  for (const chain of base) own.set(chain.name, chain);
  return { stages, dispatches, base, own, shared };
}

// Made faster than the name of its chain.
function keyOf({ endpoint, stage, direction }: Position): string {
  return `${direction} ${stage} ${endpoint.hostEndpoint.name}`;
}

// With rules that log denials, if settings say so.
function logged(
  chains: Ruleset['chains'],
  { deniedLog }: CompileSettings,
  last: LastRuleset | null,
): Ruleset['chains'] {
  if (deniedLog === null) return chains;
  const withLog = (chain: Chain): Chain => logDenials(chain, deniedLog);
  if (last === null) return new Map(Array.from(chains, ([name, one]) => [name, withLog(one)]));
  const changes = new Map<string, Chain | null>();
  for (const { name, after } of changesOf(last.collected.chains, chains))
    changes.set(name, after === undefined ? null : withLog(after));
  return deriveChains(last.chains, changes);
}

function compileEndpoints(
  endpoints: LocalPolicy['endpoints'],
  { denyAction }: CompileSettings,
  compileOne: (position: Position) => string,
): Dispatches {
  const build = (
    stage: EndpointStage,
    direction: Direction,
    isListed: (endpoint: LocalEndpoint) => boolean,
  ): Dispatch =>
    buildDispatch(endpoints.filter(isListed), (endpoint) =>
      compileOne({ endpoint, stage, direction }),
    );
  const all = (): boolean => true;
  const hasPolicy =
    (stage: 'untracked' | 'preDNAT', direction: Direction) =>
    (endpoint: LocalEndpoint): boolean =>
      endpoint[stage].some((tier) => tier[direction].length > 0);
  const localEgress = build('local', 'egress', all);
  return {
    untrackedIngress: build('untracked', 'ingress', hasPolicy('untracked', 'ingress')),
    untrackedEgress: build('untracked', 'egress', hasPolicy('untracked', 'egress')),
    // As in Calico, an endpoint without pre-DNAT policy leaves its interfaces to the `*` endpoint's.
    preDNAT: build('preDNAT', 'ingress', hasPolicy('preDNAT', 'ingress')),
    localIngress: build('local', 'ingress', all),
    localEgress,
    localEgressAfterDNAT:
      denyAction === 'Reject' ? build('local-dnat', 'egress', all) : localEgress,
    forwardIngress: build('forward', 'ingress', all),
    forwardEgress: build('forward', 'egress', all),
  };
}

function buildDispatch(
  endpoints: readonly LocalEndpoint[],
  chainOf: (endpoint: LocalEndpoint) => string,
): Dispatch {
  const byInterface = new Map<string, string>();
  let otherwise: string | null = null;
  for (const endpoint of endpoints) {
    const chain = chainOf(endpoint);
    if (endpoint.interfaces === '*') otherwise = chain;
    else for (const name of endpoint.interfaces) byInterface.set(name, chain);
  }
  return { byInterface, otherwise };
}
