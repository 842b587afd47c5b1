import type { LocalProfile, LocalTier } from '../policy/local-policy.ts';
import type { Chain } from '../ruleset/ruleset.ts';
import { compileEndpointStage, endpointChainName, isLocal, tiersOf } from './endpoint-chains.ts';
import type { Position } from './endpoint-chains.ts';
import type { SharedChain, SharedContext } from './shared-chains.ts';
import type { CompileSettings } from './settings.ts';
import { compileTierPolicies } from './tier-policies.ts';
import type { TierPolicies } from './tier-policies.ts';

/** One stage and direction of an endpoint: what it was compiled from, and to. */
export interface CompiledStage {
  readonly position: Position;
  readonly settings: CompileSettings;
  /** What the names of sets meant. */
  readonly meaning: object;
  /** The chain that packets are sent to. */
  readonly name: string;
  readonly own: readonly Chain[];
  /** Chains that others may lead to as well, by who leads to them here. */
  readonly shared: ReadonlyMap<string, readonly SharedChain[]>;
  readonly tiers: ReadonlyMap<string, TierPolicies>;
}

/** Compiles a stage of an endpoint: the same object where nothing that it is made of has changed. */
export function compileStage(
  position: Position,
  { context, before }: { readonly context: SharedContext; readonly before: CompiledStage | null },
): CompiledStage {
  if (before !== null && isSame(before, position, context)) return before;
  const own: Chain[] = [];
  const shared = new Map<string, readonly SharedChain[]>();
  const tiers = new Map<string, TierPolicies>();
  const name = compileEndpointStage(position, {
    ...context,
    add: (chain) => own.push(chain),
    share: (user, chains) => shared.set(user, chains),
    tierPolicies: (tier, policies, style) => {
      const known = before?.tiers.get(tier) ?? null;
      const compiled = compileTierPolicies(policies, style, { context, before: known });
      tiers.set(tier, compiled);
      return compiled;
    },
  });
  const { settings, names } = context;
  return { position, settings, meaning: names.meaning, name, own, shared, tiers };
}

function isSame(
  before: CompiledStage,
  position: Position,
  { settings, names }: SharedContext,
): boolean {
  const { stage, endpoint, direction } = position;
  return (
    before.settings === settings &&
    before.meaning === names.meaning &&
    before.name === endpointChainName(position) &&
    sameTiers(tiersOf(before.position), tiersOf(position), direction) &&
    (!isLocal(stage) || sameProfiles(before.position.endpoint.profiles, endpoint.profiles))
  );
}

function sameTiers(
  before: readonly LocalTier[],
  after: readonly LocalTier[],
  direction: Position['direction'],
): boolean {
  return (
    before.length === after.length &&
    after.every((tier, i) => {
      const known = before[i];
      return (
        known === tier ||
        (known?.[direction] === tier[direction] &&
          known.name === tier.name &&
          known.defaultAction === tier.defaultAction &&
          known.enforcement === tier.enforcement)
      );
    })
  );
}

function sameProfiles(before: readonly LocalProfile[], after: readonly LocalProfile[]): boolean {
  return (
    before.length === after.length &&
    after.every(({ name, profile }, i) => before[i]?.name === name && before[i].profile === profile)
  );
}
