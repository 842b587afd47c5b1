import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { familyOf } from './packet.ts';
import type { RequestOf } from './probe.ts';

const acceptedByPort: Record<string, number> = {};
const listening = new Set<string>();

/** TCP echo on every address, UDP echo on each address given: a UDP answer must leave from where it was asked. */
export async function listen(request: RequestOf<'listen'>): Promise<null> {
  const udp = request.addresses.flatMap((address) =>
    request.udp.map((port) => ({ address, port })),
  );
  await Promise.all([
    ...request.tcp.filter((port) => isNew(`tcp ${port}`)).map(listenTcp),
    ...udp.filter((at) => isNew(`udp ${at.address} ${at.port}`)).map(listenUdp),
  ]);
  return null;
}

/** TCP connections accepted so far, by port. */
export function accepted(): Readonly<Record<string, number>> {
  return acceptedByPort;
}

function isNew(what: string): boolean {
  if (listening.has(what)) return false;
  listening.add(what);
  return true;
}

async function listenTcp(port: number): Promise<void> {
  const server = net.createServer((socket) => {
    acceptedByPort[port] = (acceptedByPort[port] ?? 0) + 1;
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  server.listen({ port, host: '::', backlog: 511 });
  await once(server, 'listening');
}

async function listenUdp(at: { readonly address: string; readonly port: number }): Promise<void> {
  const socket = dgram.createSocket(familyOf(at.address) === 4 ? 'udp4' : 'udp6');
  socket.on('message', (message, from) => {
    socket.send(message, from.port, from.address, () => undefined);
  });
  socket.bind(at.port, at.address);
  await once(socket, 'listening');
  socket.on('error', () => undefined);
}
