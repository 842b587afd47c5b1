import type { LocalEndpoint, LocalProfile, LocalTier } from '../policy/local-policy.ts';
import type { Chain, Match, Rule, Statement } from '../ruleset/ruleset.ts';
import { failsafeChain } from './failsafe-chains.ts';
import {
  endpointCounter,
  objectName,
  ruleComment,
  tierCounter,
  wouldDenyCounter,
} from './names.ts';
import type { Direction } from './names.ts';
import { verdict } from './policy-rules.ts';
import type { ActionStyle } from './policy-rules.ts';
import { jumpRule, listOfProfile, sharedChain } from './shared-chains.ts';
import type { SharedChain, SharedContext } from './shared-chains.ts';
import type { CompileSettings } from './settings.ts';
import { compileTierPolicies } from './tier-policies.ts';
import type { TierPolicies } from './tier-policies.ts';

/**
 * The stages of an endpoint. `local-dnat` is `local` once more for packets that were DNATed on this
 * host, which are judged in postrouting, where the kernel refuses reject.
 */
export type EndpointStage = 'untracked' | 'preDNAT' | 'local' | 'local-dnat' | 'forward';

/** Where chains are collected while a ruleset is compiled. */
export interface ChainSink extends SharedContext {
  add(chain: Chain): void;
  /** Chains that `user` leads to, and that others may lead to as well. */
  share(user: string, chains: readonly SharedChain[]): void;
}

/** Where packets of an endpoint are judged. */
export interface Position {
  readonly endpoint: LocalEndpoint;
  readonly stage: EndpointStage;
  readonly direction: Direction;
}

/** The name of the chain that judges an endpoint's packets in one stage and direction. */
export function endpointChainName({ endpoint, stage, direction }: Position): string {
  return objectName(`${direction}-${stage}`, endpoint.hostEndpoint.name);
}

/**
 * Adds the chain that judges an endpoint's packets in one stage and direction, without those of its tiers. Allow ends
 * the base chain, Deny the packet; what comes to the end of a tier without a verdict meets the tier's
 * default action, Pass returns from the tier's chain to the endpoint's, which goes on with the next tier.
 * Jumps are never deeper than three levels however many tiers there are: the kernel allows fifteen.
 */
export function compileEndpoint(position: Position, sink: ChainSink): void {
  const rules: Rule[] = [
    ...openingRules(position, sink),
    ...tiersOf(position).map((tier) =>
      jumpRule(tierChainName(tier, position), `tier ${tier.name}`),
    ),
    ...(isLocal(position.stage) ? closingRules(position, sink) : []),
  ];
  sink.add({ name: endpointChainName(position), base: null, rules });
}

/** Tiers of a stage that have a policy in the direction. */
export function tiersOf({ endpoint, stage, direction }: Position): readonly LocalTier[] {
  const tiers = stage === 'local' || stage === 'local-dnat' ? endpoint.normal : endpoint[stage];
  return tiers.filter((tier) => tier[direction].length > 0);
}

/** Whether the stage is that of packets which this host sends or receives. */
export function isLocal(stage: EndpointStage): boolean {
  return stage === 'local' || stage === 'local-dnat';
}

function styleOf(stage: EndpointStage, { denyAction }: CompileSettings): ActionStyle {
  const deny = denyAction === 'Reject' && stage !== 'local-dnat' ? 'reject' : 'drop';
  return { stage: stage === 'untracked' || stage === 'preDNAT' ? stage : 'filter', deny };
}

// Established packets were let through by the base chain. Neighbour discovery comes first, because
// without it IPv6 dies on the interface, failsafe ports included.
function openingRules(position: Position, sink: ChainSink): readonly Rule[] {
  const { stage, direction, endpoint } = position;
  const { settings } = sink;
  const keepsNeighbours = settings.neighbourDiscoveryKeepAlive && stage !== 'forward';
  const checksInvalid = stage !== 'untracked' && !settings.disableConntrackInvalidCheck;
  const failsafe = stage === 'forward' ? null : addFailsafe(position, sink);
  return [
    ...(keepsNeighbours ? NEIGHBOUR_DISCOVERY : []),
    ...(checksInvalid
      ? [
          denyRule(position, sink.settings, {
            why: 'invalid',
            matches: [{ kind: 'ct-state', states: ['invalid'] }],
            counter: endpointCounter(direction, endpoint.hostEndpoint.name, 'invalid'),
          }),
        ]
      : []),
    ...(failsafe === null ? [] : [jumpRule(failsafe, 'failsafe')]),
  ];
}

// The name of the chain that accepts what the failsafe lists name; null when they are empty.
function addFailsafe({ stage, direction }: Position, sink: ChainSink): string | null {
  const variant = stage === 'untracked' ? 'raw' : 'tracked';
  const chain = failsafeChain(direction, variant, sink.settings);
  if (chain !== null) sink.add(chain);
  return chain?.name ?? null;
}

const NEIGHBOUR_DISCOVERY: readonly Rule[] = [
  {
    comment: 'neighbour discovery',
    matches: [
      { kind: 'icmp', family: 6, field: 'type', negated: false, values: [133, 134, 135, 136, 137] },
      { kind: 'hoplimit', value: 255 },
    ],
    statements: [verdict({ kind: 'accept' })],
  },
  {
    comment: 'multicast listener discovery',
    matches: [
      { kind: 'icmp', family: 6, field: 'type', negated: false, values: [130, 131, 132, 143] },
    ],
    statements: [verdict({ kind: 'accept' })],
  },
];

// Profiles come after all tiers; what none of them decides is denied.
function closingRules(position: Position, sink: ChainSink): readonly Rule[] {
  const { endpoint, direction } = position;
  const compiled = endpoint.profiles.map((profile) => compileProfile(profile, position, sink));
  const missing = compiled.indexOf(null);
  const shared = (missing === -1 ? compiled : compiled.slice(0, missing)).filter(
    (one) => one !== null,
  );
  sink.share(`profiles of ${endpointChainName(position)}`, shared);
  const jumps = shared.map(({ chain }, i) =>
    jumpRule(chain.name, `profile ${endpoint.profiles[i]?.name ?? ''}`),
  );
  const why =
    missing === -1
      ? `end of ${direction}`
      : `missing profile ${endpoint.profiles[missing]?.name ?? ''}`;
  return [...jumps, finalDeny(position, sink, why)];
}

function finalDeny(position: Position, { settings }: ChainSink, why: string): Rule {
  const { endpoint, direction } = position;
  const counter = endpointCounter(direction, endpoint.hostEndpoint.name, 'deny');
  return denyRule(position, settings, { why, matches: [], counter });
}

function tierChainName({ name }: LocalTier, { direction, stage, endpoint }: Position): string {
  return objectName(`${direction}-${stage}`, endpoint.hostEndpoint.name, name);
}

/** Adds the chain of one of its tiers, and answers what its policies came to. */
export function compileTier(
  tier: LocalTier,
  position: Position,
  { sink, before }: { readonly sink: ChainSink; readonly before: TierPolicies | null },
): TierPolicies {
  const { direction, stage, endpoint } = position;
  const name = tierChainName(tier, position);
  const isObserved = tier.enforcement === 'observe';
  const enforced = styleOf(stage, sink.settings);
  const style: ActionStyle = isObserved ? { ...enforced, deny: 'return' } : enforced;
  const tierStyle = { direction, own: style, shared: enforced };
  const policies = compileTierPolicies(tier[direction], tierStyle, { context: sink, before });
  const { rules, shared } = policies;
  sink.share(name, shared);
  const denies = tier.defaultAction === 'Deny' && (isLocal(stage) || stage === 'forward');
  const counter = tierCounter(direction, tier.name, endpoint.hostEndpoint.name);
  const why = `end of tier ${tier.name}`;
  const end = isObserved
    ? observedEnd(why, wouldDenyCounter(counter))
    : denyRule(position, sink.settings, { why, matches: [], counter });
  sink.add({ name, base: null, rules: denies ? [...rules, end] : rules });
  return policies;
}

function observedEnd(why: string, counter: string): Rule {
  const statements: readonly Statement[] = [
    { kind: 'counter', name: counter },
    verdict({ kind: 'return' }),
  ];
  return { comment: ruleComment(`${why}, observed`), matches: [], statements };
}

function compileProfile(
  { profile }: LocalProfile,
  { stage, direction }: Position,
  sink: ChainSink,
): SharedChain | null {
  if (!profile?.rules) return null;
  // Pass decides nothing in a profile: `return` leaves its chain, and the next profile is asked.
  const style = styleOf(stage, sink.settings);
  return sharedChain(listOfProfile(profile, direction), style, sink);
}

function denyRule(
  { stage }: Position,
  settings: CompileSettings,
  {
    why,
    matches,
    counter,
  }: { readonly why: string; readonly matches: readonly Match[]; readonly counter: string },
): Rule {
  const statements: readonly Statement[] = [
    { kind: 'counter', name: counter },
    verdict({ kind: styleOf(stage, settings).deny }),
  ];
  return { comment: ruleComment(why), matches, statements };
}
