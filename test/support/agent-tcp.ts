import net from 'node:net';
import { outcomeOf } from './outcome.ts';
import type { Outcome, Probe, RequestOf } from './probe.ts';

type TcpProbe = Extract<Probe, { kind: 'tcp' }>;

const connections = new Map<string, net.Socket>();

/** Connects, sends two bytes, awaits their echo, resets the connection. */
export async function tcpProbe(probe: TcpProbe, timeoutMs: number): Promise<Outcome> {
  const socket = connect(probe);
  const outcome = await greeted(socket, timeoutMs);
  abandon(socket);
  return outcome;
}

/** Opens a connection and keeps it under its name. */
export async function open(request: RequestOf<'open'>): Promise<Outcome> {
  if (request.probe.kind !== 'tcp') throw new Error('only TCP connections can be kept open');
  const socket = connect(request.probe);
  connections.set(request.name, socket);
  return greeted(socket, request.timeoutMs);
}

/** Two bytes there and back over an open connection. */
export function exchange(request: RequestOf<'exchange'>): Promise<Outcome> {
  const socket = named(request.name);
  const echoed = awaitEcho(socket, request.timeoutMs);
  socket.write('hi');
  return echoed;
}

/** The local port of an open connection. */
export function localPort(request: RequestOf<'localPort'>): number {
  return named(request.name).localPort ?? 0;
}

/** Resets an open connection; a name that is not open is ignored. */
export function closeConnection(request: RequestOf<'close'>): null {
  const socket = connections.get(request.name);
  if (socket !== undefined) abandon(socket);
  connections.delete(request.name);
  return null;
}

// A reset of a socket that is still connecting waits for the connection: its SYNs would go on for minutes.
function abandon(socket: net.Socket): void {
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}

function named(name: string): net.Socket {
  const socket = connections.get(name);
  if (socket === undefined) throw new Error(`no connection named ${name}`);
  return socket;
}

function connect(probe: TcpProbe): net.Socket {
  const from = probe.src === undefined ? {} : { localAddress: probe.src };
  const socket = net.connect({ host: probe.dst, port: probe.port, ...from });
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  return socket;
}

function greeted(socket: net.Socket, timeoutMs: number): Promise<Outcome> {
  const echoed = awaitEcho(socket, timeoutMs);
  socket.once('connect', () => socket.write('hi'));
  return echoed;
}

function awaitEcho(socket: net.Socket, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    let missing = 2;
    const finish = (outcome: Outcome): void => {
      clearTimeout(timer);
      socket.off('data', onData).off('error', onError).off('close', onClose);
      resolve(outcome);
    };
    const onData = (chunk: Buffer): void => {
      missing -= chunk.length;
      if (missing <= 0) finish('ok');
    };
    const onError = (error: Error): void => {
      finish(outcomeOf(error));
    };
    const onClose = (): void => {
      finish('refused');
    };
    const timer = setTimeout(() => {
      finish('timeout');
    }, timeoutMs);
    socket.on('data', onData).on('error', onError).on('close', onClose);
  });
}
