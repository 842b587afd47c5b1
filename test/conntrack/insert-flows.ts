import type { Flow, FlowTuple } from '../../src/conntrack/conntrack.ts';
import { CTNETLINK, flowDeleteRequest } from '../../src/conntrack/ctnetlink-message.ts';
import { lazyNetlink } from '../../src/netlink/lazy-socket.ts';
import { encodeAttribute } from '../../src/netlink/message.ts';
import { NETLINK } from '../../src/netlink/protocols.ts';
import { exampleFlow, tuple } from './example-flow.ts';

const NLM_F_CREATE = 0x400;
const NLM_F_EXCL = 0x200;
const NESTED = 0x8000;
const CTA = { tupleOriginal: 1, tupleReply: 2, timeout: 7 };
const TIMEOUT_S = 600;
const SOURCES = 200;

/** Puts UDP flows into connection tracking: every other one to port 22 of 10.0.1.1, the others from it to port 53. */
export async function insertFlows(count: number): Promise<void> {
  const lazy = lazyNetlink(NETLINK.netfilter, 'insert');
  const socket = await lazy.get();
  const asked: Promise<unknown>[] = [];
  for (let i = 0; i < count; i++)
    asked.push(
      socket.request(CTNETLINK.newFlow, NLM_F_CREATE | NLM_F_EXCL, insertRequest(flow(i))),
    );
  await Promise.all(asked);
  await lazy.close();
}

function flow(i: number): Flow {
  const remote = `10.0.1.${2 + (i % SOURCES)}`;
  const remotePort = 10_000 + Math.floor(i / SOURCES);
  const came = tuple({
    ...{ source: remote, sourcePort: remotePort },
    ...{ destination: '10.0.1.1', destinationPort: 22 },
  });
  const left = tuple({
    ...{ source: '10.0.1.1', sourcePort: remotePort },
    ...{ destination: remote, destinationPort: 53 },
  });
  const original = i % 2 === 0 ? came : left;
  const flow = { protocol: 17, id: null, tcpState: null };
  return exampleFlow({ ...flow, original, reply: reversed(original) });
}

function reversed({ source, sourcePort, destination, destinationPort }: FlowTuple): FlowTuple {
  return tuple({
    ...{ source: destination, sourcePort: destinationPort },
    ...{ destination: source, destinationPort: sourcePort },
  });
}

// The request to delete a flow names its original tuple, after a header of four bytes.
function insertRequest(flow: Flow): Buffer {
  const original = flowDeleteRequest(flow) ?? Buffer.alloc(0);
  const reply = flowDeleteRequest({ ...flow, original: flow.reply }) ?? Buffer.alloc(0);
  const timeout = Buffer.alloc(4);
  timeout.writeUInt32BE(TIMEOUT_S);
  return Buffer.concat([
    original,
    encodeAttribute(NESTED | CTA.tupleReply, reply.subarray(8)),
    encodeAttribute(CTA.timeout, timeout),
  ]);
}
