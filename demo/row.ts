import type { Direction } from './decider.ts';
import type { HostName, Service } from './hosts.ts';

/** What becomes of a connection. */
export type Verdict = 'allowed' | 'denied';

/** One connection and what the story expects of it, down to who decides. */
export interface Row {
  readonly from: HostName;
  readonly to: HostName;
  readonly service: Service;
  /** Over the connection that has been open since before, instead of a new one. */
  readonly session: boolean;
  readonly expected: Verdict;
  readonly by: string;
}

export const tcp = (port: number): Service => ({ kind: 'tcp', port, family: 4 });
export const udp = (port: number): Service => ({ kind: 'udp', port, family: 4 });
export const ping: Service = { kind: 'ping', family: 4 };

/** The same over IPv6. */
export function v6(service: Service): Service {
  return { ...service, family: 6 };
}

/** `app-1 > db-1`: who connects to whom. */
export type Way = readonly [from: HostName, to: HostName];

export function allowed(way: Way, service: Service, by: string): Row {
  return { from: way[0], to: way[1], service, session: false, expected: 'allowed', by };
}

export function denied(way: Way, service: Service, by: string): Row {
  return { ...allowed(way, service, by), expected: 'denied' };
}

/** The open connection still answers. */
export function kept(way: Way, service: Service, by: string): Row {
  return { ...allowed(way, service, by), session: true };
}

/** Which way a row goes, seen from db-1. */
export function directionOf(row: Row): Direction {
  return row.to === 'db-1' ? 'ingress' : 'egress';
}
