import type { EndpointStatus } from './status-snapshot.ts';

// Felix's region for clusters that are not OpenStack's.
const REGION = 'no-region';

/** Under this prefix etcd holds the states of a node's host endpoints, in Felix's layout. */
export function endpointStatusPrefix(nodeName: string): string {
  return `/calico/felix/v1/host/${nodeName}/endpoint/`;
}

/** The key of one endpoint's state; names are escaped as Felix does. */
export function endpointStatusKey(nodeName: string, endpoint: string): string {
  const name = endpoint.replaceAll('%', '%25').replaceAll('/', '%2f');
  return `${endpointStatusPrefix(nodeName)}${name}`;
}

/** What is stored there. */
export function endpointStatusValue(state: EndpointStatus['state']): string {
  return JSON.stringify({ status: state });
}

/** Where a node's agent says that it is alive: `status` expires by itself, `lastReported` stays. */
export function processStatusKeys(nodeName: string): {
  readonly status: string;
  readonly lastReported: string;
} {
  const prefix = `/calico/felix/v2/${REGION}/host/${nodeName}/`;
  return { status: `${prefix}status`, lastReported: `${prefix}last_reported_status` };
}

/** What is stored there; times in milliseconds since the epoch. */
export function processStatusValue({
  now,
  startedAt,
  isFirst,
}: {
  readonly now: number;
  readonly startedAt: number;
  readonly isFirst: boolean;
}): string {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  return JSON.stringify({ time, uptime: (now - startedAt) / 1000, first_update: isFirst });
}
