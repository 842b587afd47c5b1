// Packets a second of connections that are open, with Rampart's rules and with connection tracking alone.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { optimiseRuleset } from '../src/optimise/optimise.ts';
import { nftPieces } from '../src/ruleset/nft-text.ts';
import { runCommand } from '../test/support/command.ts';
import { addressNumber, PacketSender } from './packet-sender.ts';
import { linearRuleset, RULE_WORLDS } from './rule-worlds.ts';
import { HOST_ADDRESS, layWire, OWN_ADDRESS, OWN_INTERFACE } from './wire.ts';
import type { Wire } from './wire.ts';

/** Packets a second, medians, and the median of the ratios of neighbours. */
export interface ThroughputFigures {
  readonly rules: number;
  readonly tcp: Sides;
  readonly udp: Sides;
}

interface Sides {
  readonly rampart: number;
  readonly tracked: number;
  readonly ratio: number;
}

type Side = 'rampart' | 'tracked';

// The failsafe ports of the defaults are let in whatever the policies say: ssh, DHCP.
const TCP_PORT = 22;
const UDP_PORT = 68;
const OWN_UDP_PORT = 40_000;
const BATCH = 256;
const SLICE_MS = 150;
const SETTLE_MS = 30;
/** Each measures both, in turn the one and the other first. */
const PAIRS = 24;

// A rule that nothing calls makes the kernel track connections.
const TRACKING_ALONE = `add table inet rampart
delete table inet rampart
table inet rampart {
	chain uncalled {
		ct state new
	}
}
`;

/**
 * Measures both in turn on a host with that many rules. The connections stay open, and what else the machine does
 * meets neighbours alike.
 */
export async function measureThroughput(rules: number): Promise<ThroughputFigures> {
  const wire = await layWire();
  const home = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
  const files: Readonly<Record<Side, string>> = {
    tracked: join(home, 'bare.nft'),
    rampart: join(home, 'rules.nft'),
  };
  writeFileSync(files.tracked, TRACKING_ALONE);
  writeFileSync(files.rampart, [...nftPieces(rampartRules(rules))].join(''));
  const load = (side: Side): Promise<unknown> => wire.host.run(['nft', '-f', files[side]]);
  try {
    // Each TCP segment is to be a packet of its own.
    await runCommand(['ip', 'link', 'set', OWN_INTERFACE, 'gso_max_segs', '1']);
    await load('rampart');
    const far = await startFarEnd(wire);
    const tcp = await whileSending(() => alternate(load, tcpRate));
    await far.establish();
    const udp = await alternate(load, udpRate);
    await far.end();
    return { rules, tcp, udp };
  } finally {
    rmSync(home, { recursive: true });
    await wire.dispose();
  }
}

async function alternate(
  load: (side: Side) => Promise<unknown>,
  rate: () => Promise<number>,
): Promise<Sides> {
  const rates: Record<Side, number[]> = { rampart: [], tracked: [] };
  const order: readonly Side[] = ['tracked', 'rampart'];
  for (let pair = 0; pair < PAIRS; pair++) {
    for (const side of pair % 2 === 0 ? order : order.toReversed()) {
      await load(side);
      await delay(SETTLE_MS);
      rates[side].push(await rate());
    }
  }
  const { rampart, tracked } = rates;
  const ratio = median(rampart.map((one, i) => one / (tracked[i] ?? NaN)));
  return { rampart: median(rampart), tracked: median(tracked), ratio };
}

/** Lines for a terminal. */
export function formatThroughput({ rules, tcp, udp }: ThroughputFigures): string {
  const line = (name: string, { rampart, tracked, ratio }: Sides): string =>
    `  ${name}: ${thousands(rampart)} packets/s, tracking alone ${thousands(tracked)} packets/s ` +
    `(${(ratio * 100).toFixed(1)} %)`;
  return [`established connections beside ${rules} rules`, line('TCP', tcp), line('UDP', udp)].join(
    '\n',
  );
}

function thousands(rate: number): string {
  return `${Math.round(rate / 1000)}k`;
}

function rampartRules(rules: number): ReturnType<typeof linearRuleset> {
  const [world] = RULE_WORLDS;
  if (world === undefined) throw new Error('there are no rules to load');
  return optimiseRuleset(linearRuleset(world, rules));
}

interface FarEnd {
  /** Sends one UDP packet and waits for the answer, which makes the flow an established one; then halts. */
  establish(): Promise<void>;
  end(): Promise<void>;
}

async function startFarEnd({ host }: Wire): Promise<FarEnd> {
  const ports = [String(TCP_PORT), String(UDP_PORT)];
  const child = host.spawn([process.execPath, 'bench/far-end.mjs', HOST_ADDRESS, ...ports], {
    stderr: 'inherit',
  });
  if (child.stdout === null) throw new Error('the far end has no standard output');
  const ended = once(child, 'exit');
  await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => Promise.reject(new Error('the far end did not listen'))),
  ]);
  return {
    establish: async () => {
      const socket = createSocket('udp4');
      socket.bind(OWN_UDP_PORT, OWN_ADDRESS);
      await once(socket, 'listening');
      const answer = once(socket, 'message');
      socket.send('?', UDP_PORT, HOST_ADDRESS);
      await answer;
      socket.close();
      // What it would do with the packets is not what is measured.
      child.kill('SIGSTOP');
    },
    end: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function whileSending<T>(measure: () => Promise<T>): Promise<T> {
  const socket = connect(TCP_PORT, HOST_ADDRESS);
  await once(socket, 'connect');
  const stop = new AbortController();
  const sending = sendUntil(socket, stop.signal);
  const measured = await measure();
  stop.abort();
  await sending;
  socket.destroy();
  return measured;
}

async function tcpRate(): Promise<number> {
  const [before, startedAt] = [sentPackets(), performance.now()];
  await delay(SLICE_MS);
  return ((sentPackets() - before) * 1000) / (performance.now() - startedAt);
}

async function sendUntil(socket: Socket, signal: AbortSignal): Promise<void> {
  const block = Buffer.alloc(256 * 1024);
  while (!signal.aborted) {
    if (!socket.write(block)) await once(socket, 'drain');
  }
}

function sentPackets(): number {
  const line = readFileSync('/proc/self/net/dev', 'utf8')
    .split('\n')
    .find((one) => one.trim().startsWith(`${OWN_INTERFACE}:`));
  return Number(line?.split(':')[1]?.trim().split(/\s+/)[9]);
}

function udpRate(): Promise<number> {
  const sender = new PacketSender(addressNumber(HOST_ADDRESS), BATCH);
  const flow = {
    source: addressNumber(OWN_ADDRESS),
    sourcePort: OWN_UDP_PORT,
    destinationPort: UDP_PORT,
  };
  const costs: number[] = [];
  const end = performance.now() + SLICE_MS;
  while (performance.now() < end) costs.push(sender.send(() => flow));
  sender.close();
  return Promise.resolve(1e9 / median(costs));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}
