import { readSegment, TCP_FLAGS } from '../support/packet.ts';
import type { Bench } from './bench.ts';
import { type Family } from './check.ts';
import { segmentArrives, type StraySegment } from './stray-segment.ts';

const TCP = 6;
// Half the sequence space away from anything a receiver could have in its window.
const FAR = 0x40000000;

/**
 * Opens a connection, sends a segment with its addresses and ports but a sequence number far outside
 * its window, and says whether that was delivered.
 */
export async function outOfWindowArrives(
  bench: Bench,
  way: {
    readonly from: StraySegment['from'];
    readonly to: StraySegment['to'];
    readonly family: Family;
  },
): Promise<boolean> {
  const { from, to, family } = way;
  const sender = bench.lab.hosts[from].agent;
  const receiver = bench.lab.hosts[to].agent;
  const name = `window ${family}`;
  await receiver.call('sniff', { family, protocol: TCP });
  await bench.open(name, from, to, { port: 8055, family });
  try {
    const sourcePort = await sender.call('localPort', { name });
    const segments = (await receiver.call('sniffed', {})).map((packet) =>
      readSegment(Buffer.from(packet, 'base64')),
    );
    const first = segments.find((one) => one.sourcePort === sourcePort);
    if (first === undefined) throw new Error('the handshake was not seen');
    return await segmentArrives(bench, {
      ...way,
      flags: TCP_FLAGS.ACK | TCP_FLAGS.PSH,
      sourcePort,
      sequence: (first.sequence + FAR) >>> 0,
      // Of a segment without data, conntrack looks at the acknowledgement only.
      payload: 'far',
    });
  } finally {
    await sender.call('close', { name });
  }
}
