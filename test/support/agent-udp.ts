import dgram from 'node:dgram';
import { familyOf } from './packet.ts';
import { outcomeOf } from './outcome.ts';
import type { Outcome, Probe } from './probe.ts';

type UdpProbe = Extract<Probe, { kind: 'udp' }>;

/** Sends two bytes from a port of its own and awaits the echo. */
export async function udpProbe(probe: UdpProbe, timeoutMs: number): Promise<Outcome> {
  const socket = dgram.createSocket(familyOf(probe.dst) === 4 ? 'udp4' : 'udp6');
  try {
    await connected(socket, probe);
    return await echoed(socket, timeoutMs);
  } catch (thrown) {
    return outcomeOf(thrown);
  } finally {
    socket.close();
  }
}

/** Binds and connects a socket, so that ICMP errors reach it. */
export async function connected(socket: dgram.Socket, probe: UdpProbe): Promise<void> {
  const anywhere = familyOf(probe.dst) === 4 ? '0.0.0.0' : '::';
  await settled(socket, (done) => socket.bind({ port: 0, address: probe.src ?? anywhere }, done));
  await settled(socket, (done) => {
    socket.connect(probe.port, probe.dst, done);
  });
}

function settled(socket: dgram.Socket, start: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    start(() => {
      socket.off('error', reject);
      resolve();
    });
  });
}

function echoed(socket: dgram.Socket, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve('timeout');
    }, timeoutMs);
    const finish = (outcome: Outcome): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    socket.on('message', () => {
      finish('ok');
    });
    socket.on('error', (error) => {
      finish(outcomeOf(error));
    });
    socket.send('hi', (error) => {
      if (error !== null) finish(outcomeOf(error));
    });
  });
}
