import assert from 'node:assert/strict';
import type { Flow } from '../../src/conntrack/conntrack.ts';
import { createMemoryConntrack } from '../../src/conntrack/memory-conntrack.ts';
import { itKeepsTheConntrackContract } from './conntrack-contract.ts';
import type { ConntrackRig, Talk } from './conntrack-contract.ts';
import { exampleFlow, tuple } from './example-flow.ts';

function overLoopback(family: 4 | 6, protocol: number): Partial<Flow> {
  const address = family === 4 ? '127.0.0.1' : '::1';
  const ends = { source: address, destination: address };
  const original = tuple(ends);
  const reply = tuple({ ...ends, sourcePort: 22, destinationPort: 40000 });
  return { family, protocol, original, reply, tcpState: protocol === 6 ? 'established' : null };
}

function ping(family: 4 | 6, request: number, answer: number): Partial<Flow> {
  const address = family === 4 ? '127.0.0.1' : '::1';
  const ends = { source: address, destination: address, sourcePort: null, destinationPort: null };
  return {
    family,
    protocol: family === 4 ? 1 : 58,
    original: tuple({ ...ends, icmp: { type: request, code: 0, id: 5 } }),
    reply: tuple({ ...ends, icmp: { type: answer, code: 0, id: 5 } }),
    tcpState: null,
  };
}

const FLOWS: Readonly<Record<Talk, Partial<Flow>>> = {
  tcp4: overLoopback(4, 6),
  tcp6: overLoopback(6, 6),
  udp6: overLoopback(6, 17),
  ping4: ping(4, 8, 0),
  ping6: ping(6, 128, 129),
};

describe('createMemoryConntrack', () => {
  itKeepsTheConntrackContract((): Promise<ConntrackRig> => {
    const conntrack = createMemoryConntrack();
    return Promise.resolve({
      conntrack,
      start: (talk) => {
        conntrack.add(exampleFlow(FLOWS[talk]));
        return Promise.resolve();
      },
      dispose: () => Promise.resolve(),
    });
  });

  it('keeps flows of different zones apart', async () => {
    const conntrack = createMemoryConntrack([exampleFlow(), exampleFlow({ zone: 1 })]);
    await conntrack.delete(exampleFlow({ zone: 1 }));
    assert.deepEqual(await conntrack.list(), [exampleFlow()]);
  });
});
