import { familyOf, icmpRequest } from './packet.ts';
import { outcomeOf } from './outcome.ts';
import type { Outcome, Probe, RequestOf } from './probe.ts';
import { answerTo, plainExchange, sctpExchange } from './protocol-echo.ts';
import { RawSocket } from './raw-socket.ts';
import { SCTP } from './sctp.ts';

type IcmpProbe = Extract<Probe, { kind: 'icmp' }>;
type IpProbe = Extract<Probe, { kind: 'ip' }>;
type SctpProbe = Extract<Probe, { kind: 'sctp' }>;

// Raw sockets cannot be awaited from JavaScript; looking this often costs next to nothing.
const POLL_MS = 3;
const ICMP = { 4: 1, 6: 58 } as const;
const ECHO = { 4: 8, 6: 128 } as const;
const REPLY_OF: Readonly<Record<number, number>> = { 8: 0, 13: 14, 128: 129 };

let nextIcmpId = (process.pid * 97) & 0xffff;
let echoes: { readonly socket: RawSocket; readonly timer: NodeJS.Timeout }[] = [];
let sniffer: { readonly socket: RawSocket; readonly timer: NodeJS.Timeout } | undefined;
let caught: string[] = [];

/** Sends one ICMP request and awaits the reply with the same identifier. */
export async function icmpProbe(probe: IcmpProbe, timeoutMs: number): Promise<Outcome> {
  const family = familyOf(probe.dst);
  const id = (nextIcmpId = (nextIcmpId + 1) & 0xffff);
  const type = probe.type ?? ECHO[family];
  const request = icmpRequest(family, { type, code: probe.code ?? 0, id });
  const isReply = (payload: Buffer): boolean =>
    payload.length >= 8 && payload[0] === REPLY_OF[type] && payload.readUInt16BE(4) === id;
  return exchanged({ probe, protocol: ICMP[family], request, isReply, timeoutMs });
}

/** Sends a packet of a portless protocol and awaits its echo. */
export async function ipProbe(probe: IpProbe, timeoutMs: number): Promise<Outcome> {
  const { protocol } = probe;
  return exchanged({ probe, protocol, ...plainExchange(protocol), timeoutMs });
}

/** Sends the INIT of an SCTP association and awaits the INIT ACK. */
export async function sctpProbe(probe: SctpProbe, timeoutMs: number): Promise<Outcome> {
  return exchanged({ probe, protocol: SCTP, ...sctpExchange(probe.port), timeoutMs });
}

/** Sends one payload as it is. */
export function sendPacket(request: RequestOf<'sendPacket'>): Outcome {
  const socket = new RawSocket(familyOf(request.dst), request.protocol);
  try {
    socket.bind(request.src);
    socket.send(Buffer.from(request.payload, 'base64'), request.dst);
    return 'ok';
  } catch (thrown) {
    return outcomeOf(thrown);
  } finally {
    socket.close();
  }
}

/** Answers the given protocols from now on, in both families. */
export function echoProtocols(request: RequestOf<'echoProtocols'>): null {
  for (const { socket, timer } of echoes) {
    clearInterval(timer);
    socket.close();
  }
  echoes = request.protocols.flatMap((protocol) => [echo(4, protocol), echo(6, protocol)]);
  return null;
}

/** Collects what arrives of one protocol. */
export function sniff(request: RequestOf<'sniff'>): null {
  sniffed();
  const socket = new RawSocket(request.family, request.protocol);
  const collect = (): void => {
    for (const { payload } of waiting(socket)) caught.push(payload.toString('base64'));
  };
  sniffer = { socket, timer: setInterval(collect, POLL_MS) };
  return null;
}

/** What `sniff` has collected; stops collecting. */
export function sniffed(): readonly string[] {
  if (sniffer !== undefined) {
    clearInterval(sniffer.timer);
    for (const { payload } of waiting(sniffer.socket)) caught.push(payload.toString('base64'));
    sniffer.socket.close();
    sniffer = undefined;
  }
  const packets = caught;
  caught = [];
  return packets;
}

function echo(family: 4 | 6, protocol: number): (typeof echoes)[number] {
  const socket = new RawSocket(family, protocol);
  const reply = (): void => {
    for (const { from, payload } of waiting(socket)) {
      const answer = answerTo(protocol, payload);
      if (answer === undefined) continue;
      try {
        socket.send(answer, from);
      } catch {
        // The firewall under test may refuse the answer; the prober then sees a timeout.
      }
    }
  };
  return { socket, timer: setInterval(reply, POLL_MS) };
}

function* waiting(socket: RawSocket): Generator<{ from: string; payload: Buffer }> {
  for (let packet = socket.receive(); packet !== undefined; packet = socket.receive()) yield packet;
}

interface Exchange {
  readonly probe: IcmpProbe | IpProbe | SctpProbe;
  readonly protocol: number;
  readonly request: Buffer;
  readonly isReply: (payload: Buffer) => boolean;
  readonly timeoutMs: number;
}

async function exchanged(what: Exchange): Promise<Outcome> {
  const { probe, protocol, request, isReply, timeoutMs } = what;
  const socket = new RawSocket(familyOf(probe.dst), protocol);
  try {
    if (probe.src !== undefined) socket.bind(probe.src);
    socket.send(request, probe.dst);
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      for (const { payload } of waiting(socket)) if (isReply(payload)) return 'ok';
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return 'timeout';
  } catch (thrown) {
    return outcomeOf(thrown);
  } finally {
    socket.close();
  }
}
