import type { LocalProfile, LocalTier } from '../policy/local-policy.ts';
import type { Chain } from '../ruleset/ruleset.ts';
import {
  compileEndpoint,
  compileTier,
  endpointChainName,
  isLocal,
  tiersOf,
} from './endpoint-chains.ts';
import type { ChainSink, Position } from './endpoint-chains.ts';
import type { SharedChain, SharedContext } from './shared-chains.ts';
import type { CompileSettings } from './settings.ts';
import type { TierPolicies } from './tier-policies.ts';

/** Chains that were made of the same things. */
interface CompiledPart {
  readonly own: readonly Chain[];
  /** Chains that others may lead to as well, by who leads to them here. */
  readonly shared: ReadonlyMap<string, readonly SharedChain[]>;
}

interface CompiledTier extends CompiledPart {
  readonly tier: LocalTier;
  readonly policies: TierPolicies;
}

/** One stage and direction of an endpoint: what it was compiled from, and to. */
export interface CompiledStage {
  readonly position: Position;
  readonly settings: CompileSettings;
  /** What the names of sets meant. */
  readonly meaning: object;
  /** The chain that packets are sent to. */
  readonly name: string;
  readonly endpoint: CompiledPart;
  /** By name. */
  readonly tiers: ReadonlyMap<string, CompiledTier>;
}

/** All parts of a stage. */
export function partsOf({ endpoint, tiers }: CompiledStage): readonly CompiledPart[] {
  return [...tiers.values(), endpoint];
}

/**
 * Compiles a stage of an endpoint; `before` is what the same chain was compiled to before. Parts of which nothing has changed that they
 * are made of are the same objects.
 */
export function compileStage(
  position: Position,
  { context, before }: { readonly context: SharedContext; readonly before: CompiledStage | null },
): CompiledStage {
  const { settings, names } = context;
  const { meaning } = names;
  const same = before?.settings === settings && before.meaning === meaning ? before : null;
  const tiers = new Map<string, CompiledTier>();
  for (const tier of tiersOf(position)) {
    const known = before?.tiers.get(tier.name) ?? null;
    const isSame = same !== null && known !== null && sameTier(known.tier, tier, position);
    tiers.set(tier.name, isSame ? known : tierPart(tier, position, { context, before: known }));
  }
  const isSame = same !== null && sameEndpoint(same.position, position);
  const endpoint = isSame ? same.endpoint : endpointPart(position, context);
  return { position, settings, meaning, name: nameOf(position, before), endpoint, tiers };
}

// The same chain has the same name.
function nameOf(position: Position, before: CompiledStage | null): string {
  return before?.name ?? endpointChainName(position);
}

function endpointPart(position: Position, context: SharedContext): CompiledPart {
  const { sink, part } = newPart(context);
  compileEndpoint(position, sink);
  return part;
}

function tierPart(
  tier: LocalTier,
  position: Position,
  { context, before }: { readonly context: SharedContext; readonly before: CompiledTier | null },
): CompiledTier {
  const { sink, part } = newPart(context);
  const policies = compileTier(tier, position, { sink, before: before?.policies ?? null });
  return { ...part, tier, policies };
}

function newPart(context: SharedContext): {
  readonly sink: ChainSink;
  readonly part: CompiledPart;
} {
  const own: Chain[] = [];
  const shared = new Map<string, readonly SharedChain[]>();
  const sink: ChainSink = {
    ...context,
    add: (chain) => own.push(chain),
    share: (user, chains) => shared.set(user, chains),
  };
  return { sink, part: { own, shared } };
}

function sameTier(known: LocalTier, tier: LocalTier, { direction }: Position): boolean {
  return (
    known[direction] === tier[direction] &&
    known.defaultAction === tier.defaultAction &&
    known.enforcement === tier.enforcement
  );
}

// Of its tiers the endpoint's own chain has the names.
function sameEndpoint(before: Position, after: Position): boolean {
  const [known, tiers] = [tiersOf(before), tiersOf(after)];
  return (
    known.length === tiers.length &&
    tiers.every(({ name }, i) => known[i]?.name === name) &&
    (!isLocal(after.stage) || sameProfiles(before.endpoint.profiles, after.endpoint.profiles))
  );
}

function sameProfiles(before: readonly LocalProfile[], after: readonly LocalProfile[]): boolean {
  return (
    before.length === after.length &&
    after.every(({ name, profile }, i) => before[i]?.name === name && before[i].profile === profile)
  );
}
