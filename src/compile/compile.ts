import type { LocalEndpoint, LocalPolicy } from '../policy/local-policy.ts';
import { allReferences, referToTheSame } from '../ruleset/references.ts';
import type { ChainReferences } from '../ruleset/references.ts';
import type { Chain, Ruleset } from '../ruleset/ruleset.ts';
import { baseChains } from './base-chains.ts';
import type { Dispatch, Dispatches } from './base-chains.ts';
import { compileEndpointStage } from './endpoint-chains.ts';
import type { ChainSink, EndpointStage } from './endpoint-chains.ts';
import { denialPlaces, logDenials } from './denied-log.ts';
import type { DenialPlace } from './denied-log.ts';
import { marksOf } from './marks.ts';
import type { Direction } from './names.ts';
import { setNamesOf } from './set-names.ts';
import { observeRuleset } from './observe.ts';
import type { SetNames } from './set-names.ts';
import type { CompileSettings } from './settings.ts';

/** Chains and counters: what depends on the policies, but not on the members of sets. */
interface CompiledChains {
  readonly settings: CompileSettings;
  /** Where packets are denied, by the prefix that they are logged with; empty when they are not. */
  readonly denials: ReadonlyMap<string, DenialPlace>;
  readonly chains: ReadonlyMap<string, Chain>;
  readonly counters: ReadonlySet<string>;
  readonly setNames: ReadonlySet<string>;
}

const compiledChains = new WeakMap<LocalPolicy['endpoints'], CompiledChains>();

/**
 * The nftables state that enforces a policy on this host, or observes what it would deny: a function of its arguments alone. Parts whose
 * inputs are the same objects as in an earlier call come out as the same objects.
 */
export function compileRuleset(policy: LocalPolicy, settings: CompileSettings): Ruleset {
  const names = setNamesOf(policy.sets);
  const { chains, counters, setNames } = compileOnce(policy, settings, names);
  const ruleset = { chains, sets: names.findAll(setNames), counters };
  return settings.enforcement === 'observe' ? observeRuleset(ruleset, settings.markMask) : ruleset;
}

/** The places where that ruleset denies, by the prefix of what it logs; none when it does not log. */
export function compiledDenials(
  policy: LocalPolicy,
  settings: CompileSettings,
): ReadonlyMap<string, DenialPlace> {
  return compileOnce(policy, settings, setNamesOf(policy.sets)).denials;
}

function compileOnce(
  { endpoints }: LocalPolicy,
  settings: CompileSettings,
  names: SetNames,
): CompiledChains {
  const known = compiledChains.get(endpoints);
  if (known?.settings === settings && names.areCurrent(known.setNames)) return known;
  const compiled = compileChains(endpoints, settings, names);
  compiledChains.set(endpoints, compiled);
  return compiled;
}

function compileChains(
  endpoints: LocalPolicy['endpoints'],
  settings: CompileSettings,
  names: SetNames,
): CompiledChains {
  const chains = new Map<string, Chain>();
  const sink: ChainSink = {
    settings,
    names,
    has: (name) => chains.has(name),
    add: (chain) => chains.set(chain.name, chain),
  };
  const dispatches = compileEndpoints(endpoints, sink);
  const { ipv6Support } = settings;
  for (const chain of baseChains(dispatches, { marks: marksOf(settings.markMask), ipv6Support })) {
    sink.add(chain);
  }
  const { counters, sets: setNames } = referencesOf(chains, settings);
  const log = settings.deniedLog;
  const denials = log === null ? new Map<string, DenialPlace>() : denialPlaces(chains.values());
  if (log !== null) for (const chain of chains.values()) sink.add(logDenials(chain, log));
  return { settings, denials, chains, counters, setNames };
}

interface LastReferences extends ChainReferences {
  readonly chains: ReadonlyMap<string, Chain>;
}

const lastReferences = new WeakMap<CompileSettings, LastReferences>();

// What all chains refer to: the same object for as long as they refer to the same.
function referencesOf(
  present: ReadonlyMap<string, Chain>,
  settings: CompileSettings,
): ChainReferences {
  // The chains as they are now: what logs is put into this map later.
  const chains = settings.deniedLog === null ? present : new Map(present);
  const last = lastReferences.get(settings);
  const isSame = last !== undefined && referToTheSame(last.chains, chains);
  const references = isSame ? last : allReferences(chains.values());
  lastReferences.set(settings, { chains, ...references });
  return references;
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
