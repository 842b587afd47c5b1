const NUMBERS: Readonly<Record<string, number>> = {
  ICMP: 1,
  TCP: 6,
  UDP: 17,
  ICMPv6: 58,
  SCTP: 132,
  UDPLite: 136,
};

const BY_LOWER_CASE: ReadonlyMap<string, number> = new Map(
  Object.entries(NUMBERS).map(([name, number]) => [name.toLowerCase(), number]),
);

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(NUMBERS).map(([name, number]) => [number, name]),
);

/** The IP protocol number of a name that Calico knows, in any case, as Felix reads it; null for others. */
export function protocolNumber(name: string): number | null {
  return BY_LOWER_CASE.get(name.toLowerCase()) ?? null;
}

/** Whether the name is spelled as calicoctl demands it: `TCP`, `UDP`, `ICMP`, `ICMPv6`, `SCTP`, `UDPLite`. */
export function isExactProtocolName(name: string): boolean {
  return Object.hasOwn(NUMBERS, name);
}

/** `TCP` for 6; the number as text for a protocol without a name in Calico. */
export function protocolName(number: number): string {
  return NAMES.get(number) ?? String(number);
}

/** Whether Calico's rules may match ports of the protocol: TCP, UDP and SCTP. */
export function protocolHasPorts(number: number): boolean {
  return number === 6 || number === 17 || number === 132;
}
