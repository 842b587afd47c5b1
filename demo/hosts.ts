import type { HostPlan } from '../test/support/lab.ts';
import type { Probe } from '../test/support/probe.ts';

/** db-1 runs Rampart, app-1 is its client, outsider is anybody else on the same network. */
export type HostName = 'db-1' | 'app-1' | 'outsider';

/** What is asked for on the other side, and over which family. */
export type Service =
  | { readonly kind: 'tcp' | 'udp'; readonly port: number; readonly family: 4 | 6 }
  | { readonly kind: 'ping'; readonly family: 4 | 6 };

const LAST_BYTE: Readonly<Record<HostName, number>> = { 'db-1': 10, 'app-1': 20, outsider: 66 };

/** The address of a host; both networks are those of documentation (RFC 5737, RFC 3849). */
export function addressOf(host: HostName, family: 4 | 6): string {
  return `${family === 4 ? '192.0.2.' : '2001:db8::'}${LAST_BYTE[host]}`;
}

/** Three hosts on one LAN, each with echo servers that stand for its services. */
export const HOSTS: readonly (HostPlan & { readonly name: HostName })[] = [
  host('db-1', [22, 5432, 5433]),
  host('app-1', [22, 8443]),
  host('outsider', [22, 8443]),
];

/** How a service is written in a table, such as `5432/tcp` and `5432/tcp v6`. */
export function serviceText(service: Service): string {
  const text = service.kind === 'ping' ? 'ping' : `${service.port}/${service.kind}`;
  return service.family === 4 ? text : `${text} v6`;
}

/** The probe that asks a host for a service. */
export function probeOf(to: HostName, service: Service): Probe {
  const dst = addressOf(to, service.family);
  if (service.kind === 'ping') return { kind: 'icmp', dst };
  return { kind: service.kind, dst, port: service.port };
}

function host(name: HostName, tcp: readonly number[]): HostPlan & { readonly name: HostName } {
  const addresses = [`${addressOf(name, 4)}/24`, `${addressOf(name, 6)}/64`];
  return { name, interfaces: [{ name: 'eth0', lan: 'lan0', addresses }], tcp, udp: [53] };
}
