import type { LocalEndpoint, LocalPolicy } from '../policy/local-policy.ts';
import { changesOf, deriveChains } from '../ruleset/derived-chains.ts';
import { chainReferences } from '../ruleset/references.ts';
import type { ChainReferences } from '../ruleset/references.ts';
import type { Chain, Ruleset } from '../ruleset/ruleset.ts';
import { baseChains } from './base-chains.ts';
import type { Dispatch, Dispatches } from './base-chains.ts';
import { collectChains } from './chain-collection.ts';
import type { CollectedChains } from './chain-collection.ts';
import { CountedNames } from './counted-names.ts';
import { compileEndpointStage } from './endpoint-chains.ts';
import type { ChainSink, EndpointStage } from './endpoint-chains.ts';
import { denialPlaces, logDenials } from './denied-log.ts';
import type { DenialPlace } from './denied-log.ts';
import { marksOf } from './marks.ts';
import type { Direction } from './names.ts';
import { setNamesOf } from './set-names.ts';
import { observeRuleset } from './observe.ts';
import type { SetNames } from './set-names.ts';
import type { SharedChain, SharedContext } from './shared-chains.ts';
import type { CompileSettings } from './settings.ts';
import { compileTierPolicies } from './tier-policies.ts';
import type { TierPolicies } from './tier-policies.ts';

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
interface LastRuleset {
  readonly names: SetNames;
  readonly tiers: ReadonlyMap<string, TierPolicies>;
  readonly collected: CollectedChains;
  readonly chains: Ruleset['chains'];
  readonly counters: CountedNames;
  readonly sets: CountedNames;
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
  const tiers = new Map<string, TierPolicies>();
  const collected = collectChains(makeChains(endpoints, context, { tiers, last }), last?.collected);
  const [counters, sets] = [last?.counters ?? new CountedNames(), last?.sets ?? new CountedNames()];
  const changes = changesOf(last?.collected.chains ?? NO_CHAINS, collected.chains);
  for (const { before, after } of changes) {
    if (after !== undefined) count(chainReferences(after), { counters, sets }, 'add');
    if (before !== undefined) count(chainReferences(before), { counters, sets }, 'remove');
  }
  const chains = logged(collected.chains, settings, last);
  lastRulesets.set(settings, { names, tiers, collected, chains, counters, sets });
  const references = { counters: counters.names, setNames: sets.names };
  return { settings, meaning: names.meaning, chains, plain: collected.chains, ...references };
}

const NO_CHAINS: Ruleset['chains'] = new Map();

function count(
  references: ChainReferences,
  counted: Readonly<Record<'counters' | 'sets', CountedNames>>,
  change: 'add' | 'remove',
): void {
  counted.counters[change](references.counters);
  counted.sets[change](references.sets);
}

function makeChains(
  endpoints: LocalPolicy['endpoints'],
  context: SharedContext,
  { tiers, last }: { readonly tiers: Map<string, TierPolicies>; readonly last: LastRuleset | null },
): Pick<CollectedChains, 'own' | 'shared'> {
  const own = new Map<string, Chain>();
  const shared = new Map<string, readonly SharedChain[]>();
  const sink: ChainSink = {
    ...context,
    add: (chain) => own.set(chain.name, chain),
    share: (user, chains) => shared.set(user, chains),
    tierPolicies: (name, policies, style) => {
      const before = last?.tiers.get(name) ?? null;
      const compiled = compileTierPolicies(policies, style, { context, before });
      tiers.set(name, compiled);
      return compiled;
    },
  };
  const dispatches = compileEndpoints(endpoints, sink);
  const { ipv6Support, markMask } = context.settings;
  const options = { marks: marksOf(markMask), ipv6Support };
  for (const chain of baseChains(dispatches, options)) sink.add(chain);
  return { own, shared };
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

function compileEndpoints(endpoints: LocalPolicy['endpoints'], sink: ChainSink): Dispatches {
  const build = (
    stage: EndpointStage,
    direction: Direction,
    isListed: (endpoint: LocalEndpoint) => boolean,
  ): Dispatch => buildDispatch(endpoints.filter(isListed), { stage, direction }, sink);
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
      sink.settings.denyAction === 'Reject' ? build('local-dnat', 'egress', all) : localEgress,
    forwardIngress: build('forward', 'ingress', all),
    forwardEgress: build('forward', 'egress', all),
  };
}

function buildDispatch(
  endpoints: readonly LocalEndpoint[],
  { stage, direction }: { readonly stage: EndpointStage; readonly direction: Direction },
  sink: ChainSink,
): Dispatch {
  const byInterface = new Map<string, string>();
  let otherwise: string | null = null;
  for (const endpoint of endpoints) {
    const chain = compileEndpointStage({ endpoint, stage, direction }, sink);
    if (endpoint.interfaces === '*') otherwise = chain;
    else for (const name of endpoint.interfaces) byInterface.set(name, chain);
  }
  return { byInterface, otherwise };
}
