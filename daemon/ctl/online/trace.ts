import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { EXIT } from '../../exit-codes.ts';
import type { Call } from '../command.ts';
import { CtlError, usageError } from '../ctl-error.ts';
import type { Output } from '../output.ts';
import { wrapIndented } from '../table.ts';
import { parseTraceLine } from './trace-event.ts';
import type { TraceEvent } from './trace-event.ts';
import { traceMatch } from './trace-match.ts';

const TABLE = 'rampart_trace';
const DEFAULT_COUNT = 10;
const DEFAULT_SECONDS = 30;
// What still happens to the last packet.
const TRAILING_MS = 300;

/** `rampartctl trace`: what happens to matching packets in nftables, as it happens, with the policies by name. */
export async function run({ args, options, output }: Call): Promise<number> {
  const match = traceMatch(args);
  const count = numberOf('--count', options['count'], DEFAULT_COUNT);
  const seconds = numberOf('--for', options['for'], DEFAULT_SECONDS);
  const monitor = spawn('nft', ['monitor', 'trace'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const marker = await mark(match);
  try {
    await follow(monitor, { count, seconds, output });
  } finally {
    await end(monitor);
    await end(marker);
  }
  return EXIT.ok;
}

/**
 * Marks matching packets in a table that the kernel takes away with the process that owns it, so that nothing stays
 * whatever becomes of us.
 */
async function mark(match: string): Promise<ChildProcess> {
  const rule = `${match} meta nftrace set 1`.trim();
  const chain = (name: string, hook: string): string =>
    `chain ${name} { type filter hook ${hook} priority -400; ${rule}; }`;
  const ruleset = `table inet ${TABLE} { flags owner; ${chain('arriving', 'prerouting')}; ${chain('leaving', 'output')}; }`;
  const nft = spawn('nft', ['-i'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const said = new Promise<string>((resolve, reject) => {
    nft.once('error', reject);
    nft.stderr.once('data', (data: Buffer) => {
      resolve(data.toString());
    });
    nft.stdout.on('data', (data: Buffer) => {
      if (data.toString().includes(TABLE)) resolve('');
    });
  });
  nft.stdin.write(`${ruleset}\nlist tables\n`);
  const error = (await said).trim();
  if (error === '') return nft;
  await end(nft);
  const why = `packets cannot be marked (needs root, Linux 5.12 and nft 1.0): ${error}`;
  throw new CtlError(EXIT.failed, why);
}

interface Following {
  readonly count: number;
  readonly seconds: number;
  readonly output: Output;
}

async function follow(monitor: ChildProcess, { count, seconds, output }: Following): Promise<void> {
  if (monitor.stdout === null) return;
  const lines = createInterface({ input: monitor.stdout });
  const packets = new Set<string>();
  let timer = setTimeout(() => {
    lines.close();
  }, seconds * 1000);
  const stop = (): void => {
    lines.close();
  };
  process.once('SIGINT', stop);
  try {
    for await (const line of lines) {
      const event = parseTraceLine(line);
      if (event === null || event.table.endsWith(` ${TABLE}`)) continue;
      if (!packets.has(event.id) && packets.size >= count) continue;
      const isNew = !packets.has(event.id);
      packets.add(event.id);
      await show(event, isNew, output);
      if (packets.size < count) continue;
      clearTimeout(timer);
      timer = setTimeout(stop, TRAILING_MS);
    }
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', stop);
  }
  if (packets.size === 0) output.note(`no such packet within ${seconds} s`);
}

async function show(event: TraceEvent, isNew: boolean, output: Output): Promise<void> {
  // The same header is told again in every table that the packet passes.
  if (event.kind === 'packet' && !isNew) return;
  await output.print(event, () => wrapIndented(eventText(event, output), output.columns));
}

function eventText(
  { kind, table, chain, text, verdict, meaning }: TraceEvent,
  output: Output,
): string {
  if (kind === 'packet') return `packet ${text}`;
  const where = table === 'inet rampart' ? chain : `${table} ${chain}`;
  const what = kind === 'policy' ? 'end of the base chain' : (meaning ?? text);
  const colour = verdict === 'drop' ? 'red' : 'green';
  const isFinal = ['accept', 'drop'].includes(verdict);
  return `  ${where}: ${what}: ${isFinal ? output.paint(colour, verdict) : verdict}`;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
}

function numberOf(option: string, given: unknown, otherwise: number): number {
  if (typeof given !== 'string') return otherwise;
  const value = Number(given);
  if (Number.isInteger(value) && value > 0) return value;
  throw usageError(`${option}: write a whole number from 1, not "${given}"`);
}
