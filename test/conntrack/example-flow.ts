import type { Flow, FlowTuple } from '../../src/conntrack/conntrack.ts';

/** A TCP flow from 192.0.2.1:40000 to 192.0.2.2:22, changed as told. */
export function exampleFlow(changes: Partial<Flow> = {}): Flow {
  return {
    family: 4,
    protocol: 6,
    original: tuple({}),
    reply: tuple({
      source: '192.0.2.2',
      destination: '192.0.2.1',
      sourcePort: 22,
      destinationPort: 40000,
    }),
    status: 0xe,
    mark: 0,
    zone: 0,
    id: 77,
    tcpState: 'established',
    ...changes,
  };
}

/** A tuple from 192.0.2.1:40000 to 192.0.2.2:22, changed as told. */
export function tuple(changes: Partial<FlowTuple>): FlowTuple {
  return {
    source: '192.0.2.1',
    destination: '192.0.2.2',
    sourcePort: 40000,
    destinationPort: 22,
    icmp: null,
    ...changes,
  };
}
