import type { LoggedPacket } from '../../src/nflog/packet-log.ts';

/** A UDP packet from this host to itself, as the input hook logs it. */
export function loggedPacket(change: Partial<LoggedPacket> = {}): LoggedPacket {
  return {
    time: Date.UTC(2026, 0, 2, 3, 4, 5),
    prefix: '',
    hook: 'input',
    iifname: 'lo',
    oifname: '',
    mark: 0,
    family: 4,
    source: '127.0.0.1',
    destination: '127.0.0.1',
    protocol: 17,
    sourcePort: 40_000,
    destinationPort: 4000,
    icmpType: null,
    icmpCode: null,
    tcpFlags: null,
    length: 29,
    ...change,
  };
}
