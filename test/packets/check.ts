import type { Outcome, Probe } from '../support/probe.ts';
import type { HostName } from './topology.ts';

export type Family = 4 | 6;

/** Where a probe goes: a host as the sender knows it, one of A's own addresses, or any address. */
export type Target =
  Exclude<HostName, 'M'> | 'A.eth0' | 'A.eth1' | 'loopback' | { readonly address: string };

/** What is sent, before it is known to whom. */
export interface Traffic {
  readonly text: string;
  readonly families: readonly Family[];
  readonly probe: (dst: string) => Probe;
}

/** One statement about traffic, checked in each of its families. */
export interface Check {
  readonly from: HostName;
  readonly to: Target;
  readonly traffic: Traffic;
  readonly expect: 'pass' | 'drop' | 'reject';
  readonly families: readonly Family[];
  /** A further address of the sender, by family. */
  readonly src?: Readonly<Partial<Record<Family, string>>>;
  /** What decides here besides the policy for a new flow, so that explain is not asked. */
  readonly besides?: string;
}

const BOTH: readonly Family[] = [4, 6];

export const tcp = (port: number): Traffic => ({
  text: `tcp/${port}`,
  families: BOTH,
  probe: (dst) => ({ kind: 'tcp', dst, port }),
});
export const udp = (port: number): Traffic => ({
  text: `udp/${port}`,
  families: BOTH,
  probe: (dst) => ({ kind: 'udp', dst, port }),
});
export const ping: Traffic = {
  text: 'ping',
  families: BOTH,
  probe: (dst) => ({ kind: 'icmp', dst }),
};
/** ICMP of IPv4 only. */
export const icmp = (type: number, code: number): Traffic => ({
  text: `icmp ${type}/${code}`,
  families: [4],
  probe: (dst) => ({ kind: 'icmp', dst, type, code }),
});
/** ICMPv6. */
export const icmp6 = (type: number, code: number): Traffic => ({
  text: `icmpv6 ${type}/${code}`,
  families: [6],
  probe: (dst) => ({ kind: 'icmp', dst, type, code }),
});
export const ipProtocol = (protocol: number): Traffic => ({
  text: `protocol ${protocol}`,
  families: BOTH,
  probe: (dst) => ({ kind: 'ip', dst, protocol }),
});
/** The start of an association; the hosts that answer need `echoProtocols`. */
export const sctp = (port: number): Traffic => ({
  text: `sctp/${port}`,
  families: BOTH,
  probe: (dst) => ({ kind: 'sctp', dst, port }),
});

/** The traffic gets through, there and back. */
export function pass(from: HostName, to: Target, traffic: Traffic): Check {
  return { from, to, traffic, expect: 'pass', families: traffic.families };
}

/** Nothing comes back, and nobody says why. */
export function drop(from: HostName, to: Target, traffic: Traffic): Check {
  return { ...pass(from, to, traffic), expect: 'drop' };
}

/** The sender is told at once that the traffic is refused. */
export function reject(from: HostName, to: Target, traffic: Traffic): Check {
  return { ...pass(from, to, traffic), expect: 'reject' };
}

/** The same for IPv4 only. */
export function v4(check: Check): Check {
  return { ...check, families: [4] };
}

/** The same for IPv6 only. */
export function v6(check: Check): Check {
  return { ...check, families: [6] };
}

/** The same from another address of the sender. */
export function from(src: string, check: Check): Check {
  const family: Family = src.includes(':') ? 6 : 4;
  return { ...check, families: [family], src: { [family]: src } };
}

/** The same, decided by something besides the policy for a new flow. */
export function besides(reason: string, check: Check): Check {
  return { ...check, besides: reason };
}

const ADDRESSES: Readonly<Record<Exclude<Target, object> | 'M', Readonly<Record<Family, string>>>> =
  {
    A: { 4: '10.0.1.1', 6: 'fd00:1::1' },
    'A.eth0': { 4: '10.0.1.1', 6: 'fd00:1::1' },
    'A.eth1': { 4: '10.0.2.1', 6: 'fd00:2::1' },
    B: { 4: '10.0.1.2', 6: 'fd00:1::2' },
    C: { 4: '10.0.1.9', 6: 'fd00:1::9' },
    S: { 4: '10.0.2.50', 6: 'fd00:2::50' },
    S2: { 4: '10.0.2.51', 6: 'fd00:2::51' },
    M: { 4: '10.0.9.10', 6: '' },
    loopback: { 4: '127.0.0.1', 6: '::1' },
  };

/** The address of a target as `sender` reaches it: A is known by the address on the sender's side. */
export function addressOf(sender: HostName, to: Target, family: Family): string {
  if (typeof to === 'object') return to.address;
  const behindA = sender === 'S' || sender === 'S2';
  return ADDRESSES[to === 'A' && behindA ? 'A.eth1' : to][family];
}

/** The probe of a check in one family. */
export function probeOf(check: Check, family: Family): Probe {
  const probe = check.traffic.probe(addressOf(check.from, check.to, family));
  const src = check.src?.[family];
  return src === undefined ? probe : { ...probe, src };
}

/** What is wrong with an outcome, or undefined. A drop that says `refused` is a wrong drop. */
export function complaint(check: Check, family: Family, outcome: Outcome): string | undefined {
  if (ACCEPTABLE[check.expect].includes(outcome)) return undefined;
  const to = typeof check.to === 'object' ? check.to.address : check.to;
  const way = `${check.from} → ${to} ${check.traffic.text} (IPv${family})`;
  return `${way}: expected ${check.expect}, got ${outcome}`;
}

const ACCEPTABLE: Readonly<Record<Check['expect'], readonly Outcome[]>> = {
  pass: ['ok'],
  drop: ['timeout', 'eperm'],
  reject: ['refused', 'unreach'],
};
