import { compareBytes } from '../base/byte-order.ts';
import type { Policy, Tier } from '../resource/resource.ts';

/**
 * Orders policies inside a tier as Calico v3.32 does: by order, those without one last; ties by the bytes
 * of `name/namespace/kind` (so `a-b` comes before `a`, because `-` sorts before `/`).
 */
export function comparePolicies(a: Policy, b: Policy): number {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1;
  return compareBytes(tieBreaker(a), tieBreaker(b));
}

function tieBreaker(policy: Policy): string {
  return `${policy.name}/${policy.namespace}/${policy.kind}`;
}

/** A tier that policies name; `tier` is null when no such Tier object exists. */
export interface NamedTier {
  readonly name: string;
  readonly tier: Tier | null;
}

/** Orders tiers: existing ones first, by order (none: last), then by name; then the missing ones by name. */
export function compareTiers(a: NamedTier, b: NamedTier): number {
  if ((a.tier === null) !== (b.tier === null)) return a.tier === null ? 1 : -1;
  const orderA = a.tier?.order ?? Infinity;
  const orderB = b.tier?.order ?? Infinity;
  if (orderA !== orderB) return orderA < orderB ? -1 : 1;
  return compareBytes(a.name, b.name);
}
