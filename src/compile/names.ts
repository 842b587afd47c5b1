import { contentHash } from '../base/hash.ts';
import type { Policy } from '../policy/local-policy.ts';

/** Which way packets go, seen from the interface. */
export type Direction = 'ingress' | 'egress';

const SHORT_KINDS = {
  GlobalNetworkPolicy: 'gnp',
  NetworkPolicy: 'np',
  StagedGlobalNetworkPolicy: 'sgnp',
  StagedNetworkPolicy: 'snp',
  StagedKubernetesNetworkPolicy: 'sknp',
} as const satisfies Record<Policy['kind'], string>;

/** Calico's short form of a policy kind, as in the log prefix specifier `%k`. */
export function shortKind(policy: Policy): string {
  return SHORT_KINDS[policy.kind];
}

/**
 * Joins parts to a name that nftables accepts for chains, sets and counters, also in its own syntax:
 * letters, digits and `/-_.`, starting with a letter, at most 255 bytes. Parts that do not fit are
 * replaced by a hash of themselves, so different parts always give different names.
 */
export function objectName(prefix: string, ...parts: readonly string[]): string {
  const name = [prefix, ...parts.map(namePart)].join('/');
  return name.length <= 200 ? name : `${prefix}/h-${contentHash(name)}`;
}

// A part that looks like a hash is hashed as well: it could be that of another part.
function namePart(part: string): string {
  const isPlain = /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(part) && !/^h-[0-9a-f]{24}$/.test(part);
  return isPlain ? part : `h-${contentHash(part)}`;
}

/** Who a policy is, as parts of a name. */
export function policyParts(policy: Policy): readonly string[] {
  return policy.namespace === ''
    ? [shortKind(policy), policy.name]
    : [shortKind(policy), policy.namespace, policy.name];
}

/** The counter of what the end of a tier denies on an endpoint. */
export function tierCounter(direction: Direction, tier: string, endpoint: string): string {
  return objectName(direction, 'tier', tier, endpoint);
}

/** The counter of what an endpoint denies: because nothing decided, or because conntrack calls it invalid. */
export function endpointCounter(
  direction: Direction,
  endpoint: string,
  why: 'deny' | 'invalid',
): string {
  return objectName(direction, 'hep', endpoint, why);
}

const WOULD_DENY = 'would-deny';

/** What is counted instead of a counter of denials where denials are only observed. */
export function wouldDenyCounter(counter: string): string {
  return `${WOULD_DENY}/${counter}`;
}

/** Whether a counter is one of `wouldDenyCounter`. */
export function isWouldDenyCounter(counter: string): boolean {
  return counter.startsWith(`${WOULD_DENY}/`);
}

// nftables allows 128 bytes; a quote could not be written in its own syntax.
const COMMENT_LIMIT = 128;

/** A rule comment: plain ASCII, at most 128 bytes. */
export function ruleComment(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9 ._/:=,()-]/g, '_').slice(0, COMMENT_LIMIT);
}
