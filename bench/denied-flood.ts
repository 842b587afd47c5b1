// A flood of packets that policy denies, with and without flows.denied: what it costs the daemon.
import { readFileSync } from 'node:fs';
import { setTimeout as rest } from 'node:timers/promises';
import { Bench } from '../test/packets/bench.ts';
import { ALLOW, ALLOW_PROFILE, DENY, eth0, policy } from '../test/packets/rows/objects.ts';

/** What a flood came to. */
export interface FloodFigures {
  readonly isOn: boolean;
  /** Packets that the rule denied, a second. */
  readonly denied: number;
  /** Seconds of processor time that the daemon took while the flood lasted. */
  readonly cpu: number;
  readonly seconds: number;
  /** Growth of the daemon's resident set, bytes. */
  readonly growth: number;
  readonly flows: number;
}

const SECONDS = 8;
const FLOOD = `import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(('10.0.1.1', 7777))
end = time.time() + ${SECONDS}
while time.time() < end:
    for _ in range(500):
        try: s.send(b'x')
        except OSError: pass
`;
const CLOCK_TICKS = 100;

/** Measures in network namespaces of its own. Needs `npm run build`. */
export async function measureDeniedFlood(isOn: boolean): Promise<FloodFigures> {
  const bench = await Bench.start({ daemons: true, config: `flows: {denied: ${isOn}}\n` });
  try {
    const rules = { ingress: [DENY], egress: [ALLOW] };
    await bench.store([eth0(ALLOW_PROFILE), policy('flood', rules)]);
    const pid = pidOf(bench.daemon('A').runDir, await bench.lab.hosts.A.namespace.run(pids(bench)));
    await rest(2000);
    const before = { cpu: cpuSeconds(pid), memory: resident(pid), denied: await denials(bench) };
    await bench.lab.hosts.C.namespace.run(['python3', '-c', FLOOD]);
    const after = { cpu: cpuSeconds(pid), memory: resident(pid), denied: await denials(bench) };
    const { last } = await bench.client('A').flows({ after: 0, limit: 1 });
    return {
      ...{ isOn, seconds: SECONDS, flows: last },
      denied: (after.denied - before.denied) / SECONDS,
      cpu: after.cpu - before.cpu,
      growth: after.memory - before.memory,
    };
  } finally {
    await bench.dispose();
  }
}

/** One line for a terminal. */
export function formatDeniedFlood(figures: readonly FloodFigures[]): string {
  return figures
    .map(({ isOn, denied, cpu, seconds, growth, flows }) => {
      const kilo = Math.round(denied / 1000);
      const mebi = (growth / 2 ** 20).toFixed(1);
      return `flows ${isOn ? 'on' : 'off'}: ${kilo}k packets/s denied, daemon ${cpu.toFixed(2)} s CPU in ${seconds} s, memory ${mebi} MiB more, ${flows} flows told of`;
    })
    .join('; ');
}

function pids(bench: Bench): readonly string[] {
  return ['ip', 'netns', 'pids', bench.lab.hosts.A.namespace.name];
}

function pidOf(runDir: string, listed: string): number {
  const found = listed
    .split(/\s+/)
    .filter((pid) => pid !== '')
    .find((pid) => readFileSync(`/proc/${pid}/environ`, 'utf8').includes(runDir));
  if (found === undefined) throw new Error('the daemon of A is not to be found');
  return Number(found);
}

async function denials(bench: Bench): Promise<number> {
  const { counters } = await bench.client('A').counters();
  return counters.find(({ name }) => /^ingress\/gnp\/.*flood\/0$/.test(name))?.packets ?? 0;
}

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

function resident(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
}
