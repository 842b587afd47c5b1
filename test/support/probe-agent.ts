// The process that stands in a namespace: echo servers, probes and raw packets, on command by JSON lines.
import { createInterface } from 'node:readline';
import {
  echoProtocols,
  icmpProbe,
  ipProbe,
  sctpProbe,
  sendPacket,
  sniff,
  sniffed,
} from './agent-raw.ts';
import { accepted, listen } from './agent-servers.ts';
import { closeConnection, exchange, localPort, open, tcpProbe } from './agent-tcp.ts';
import { endStream, stream } from './agent-stream.ts';
import { udpProbe } from './agent-udp.ts';
import type { AgentAnswer, AgentCalls, AgentRequest, Outcome, Probe, RequestOf } from './probe.ts';

type Handlers = {
  readonly [K in keyof AgentCalls]: (
    request: RequestOf<K>,
  ) => AgentCalls[K]['response'] | Promise<AgentCalls[K]['response']>;
};

function sendProbe(probe: Probe, timeoutMs: number): Promise<Outcome> {
  switch (probe.kind) {
    case 'tcp':
      return tcpProbe(probe, timeoutMs);
    case 'udp':
      return udpProbe(probe, timeoutMs);
    case 'icmp':
      return icmpProbe(probe, timeoutMs);
    case 'ip':
      return ipProbe(probe, timeoutMs);
    case 'sctp':
      return sctpProbe(probe, timeoutMs);
  }
}

async function http(request: RequestOf<'http'>): Promise<{ status: number; body: string }> {
  const init = request.body === undefined ? {} : { method: 'POST', body: request.body };
  const response = await fetch(request.url, init);
  return { status: response.status, body: await response.text() };
}

const handlers: Handlers = {
  listen,
  probe: ({ probes, timeoutMs }) => Promise.all(probes.map((p) => sendProbe(p, timeoutMs))),
  open,
  exchange,
  localPort,
  close: closeConnection,
  stream: (request) => stream(request, sendProbe),
  endStream,
  echoProtocols,
  sendPacket,
  sniff,
  sniffed,
  accepted,
  http,
};

async function answer(request: AgentRequest): Promise<AgentAnswer> {
  try {
    const handler = handlers[request.call] as (request: unknown) => unknown;
    return { id: request.id, value: await handler(request.request) };
  } catch (thrown) {
    return { id: request.id, error: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  void answer(JSON.parse(line) as AgentRequest).then((reply) => {
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  });
});
lines.on('close', () => process.exit(0));
process.stdout.write('{"id":0,"value":null}\n');
