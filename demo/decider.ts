import { DEFAULT_FAILSAFE_INBOUND, DEFAULT_FAILSAFE_OUTBOUND } from '../src/net/failsafe.ts';
import type { Service } from './hosts.ts';

/** Packets by the name of their counter in table `inet rampart`. */
export type Counters = ReadonlyMap<string, number>;

/** Which way a connection goes, seen from the protected host. */
export type Direction = 'ingress' | 'egress';

/** How people name what decides. */
export const DECIDER = {
  nobody: 'nobody: no host endpoint',
  failsafe: 'failsafe port',
  established: 'conntrack: already established',
  unknown: 'no counter moved',
  rule: (policy: string, direction: Direction, index: number): string =>
    `${policy} ${direction}[${index}]`,
  endOfTier: (tier: string): string => `end of tier ${tier}`,
  endpoint: (endpoint: string): string => `no policy on ${endpoint}`,
} as const;

/** The counters of `nft -j list counters` that belong to Rampart. */
export function readCounters(json: string): Counters {
  const { nftables } = JSON.parse(json) as { readonly nftables: readonly Listed[] };
  const ours = nftables.flatMap(({ counter }) => (counter?.table === 'rampart' ? [counter] : []));
  return new Map(ours.map(({ name, packets }) => [name, packets]));
}

/** The names of the counters that count more now than before. */
export function moved(before: Counters, now: Counters): readonly string[] {
  return [...now].filter(([name, count]) => count > (before.get(name) ?? 0)).map(([name]) => name);
}

/**
 * Who decided about the only connection between two readings of the counters. Rules that log or pass
 * count as well, so of each policy the last rule that counted is named.
 */
export function decider(direction: Direction, names: readonly string[]): string | null {
  const ours = names.map((name) => name.split('/')).filter(([way]) => way === direction);
  const ends = ours.flatMap(([, kind, name = '', last]) => {
    if (kind === 'tier') return [DECIDER.endOfTier(name)];
    return kind === 'hep' && last === 'deny' ? [DECIDER.endpoint(name)] : [];
  });
  if (ends.length > 0) return ends.join(' + ');
  const lastRules = new Map<string, number>();
  for (const [, kind, policy = '', index] of ours)
    if (kind === 'gnp') lastRules.set(policy, Math.max(lastRules.get(policy) ?? 0, Number(index)));
  const rules = [...lastRules].map(([policy, index]) => DECIDER.rule(policy, direction, index));
  return rules.length === 0 ? null : rules.join(' + ');
}

/** Whether Felix's default lists keep a service open in a direction, whatever the policies say. */
export function isFailsafe(direction: Direction, service: Service): boolean {
  if (service.kind === 'ping') return false;
  const list = direction === 'ingress' ? DEFAULT_FAILSAFE_INBOUND : DEFAULT_FAILSAFE_OUTBOUND;
  const protocol = service.kind === 'tcp' ? 6 : 17;
  return list.some((entry) => entry.protocol === protocol && entry.port === service.port);
}

interface Listed {
  readonly counter?: { readonly table: string; readonly name: string; readonly packets: number };
}
