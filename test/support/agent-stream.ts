import dgram from 'node:dgram';
import { connected } from './agent-udp.ts';
import { familyOf } from './packet.ts';
import type { Outcome, Probe, RequestOf, StreamResult } from './probe.ts';

// How long an answer may take: on a busy machine nearly a second, after which the kernel would send a lost SYN again.
const LAST_ANSWERS_MS = 900;

type Ending = () => Promise<StreamResult>;
type SendProbe = (probe: Probe, timeoutMs: number) => Promise<Outcome>;

const streams = new Map<string, Ending>();

/** Sends a probe now and repeats it: UDP packets of one flow, or a new exchange each time for everything else. */
export async function stream(request: RequestOf<'stream'>, send: SendProbe): Promise<null> {
  const { probe, everyMs } = request;
  const ending = probe.kind === 'udp' ? await flow(probe, everyMs) : fresh(request, send);
  streams.set(request.name, ending);
  return null;
}

/** Ends a stream, once the last answers had their time. */
export async function endStream(request: RequestOf<'endStream'>): Promise<StreamResult> {
  const ending = streams.get(request.name);
  if (ending === undefined) throw new Error(`no stream named ${request.name}`);
  streams.delete(request.name);
  return ending();
}

async function flow(probe: Extract<Probe, { kind: 'udp' }>, everyMs: number): Promise<Ending> {
  const socket = dgram.createSocket(familyOf(probe.dst) === 4 ? 'udp4' : 'udp6');
  await connected(socket, probe);
  const answers = new Set<string>();
  let sent = 0;
  socket.on('error', () => undefined);
  socket.on('message', (message) => answers.add(message.toString()));
  const next = (): void => {
    sent++;
    socket.send(String(sent), () => undefined);
  };
  next();
  const timer = setInterval(next, everyMs);
  return async () => {
    clearInterval(timer);
    await new Promise((resolve) => setTimeout(resolve, LAST_ANSWERS_MS));
    socket.close();
    return { sent, answered: answers.size };
  };
}

function fresh(request: RequestOf<'stream'>, send: SendProbe): Ending {
  const startedAt = performance.now();
  const running: { readonly atMs: number; readonly outcome: Promise<Outcome> }[] = [];
  const next = (): void => {
    const atMs = Math.round(performance.now() - startedAt);
    running.push({ atMs, outcome: send(request.probe, LAST_ANSWERS_MS) });
  };
  next();
  const timer = setInterval(next, request.everyMs);
  return async () => {
    clearInterval(timer);
    const outcomes = await Promise.all(running.map(({ outcome }) => outcome));
    const answered = running.filter((_, i) => outcomes[i] === 'ok');
    const answeredAtMs = answered.map(({ atMs }) => atMs);
    return { sent: running.length, answered: answered.length, answeredAtMs };
  };
}
