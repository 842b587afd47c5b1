import { setTimeout as wait } from 'node:timers/promises';
import type { ControlClient } from '../../../src/control/client.ts';
import type { CountersAnswer } from '../../../src/control/wire.ts';
import { EXIT } from '../../exit-codes.ts';
import type { Call } from '../command.ts';
import { usageError } from '../ctl-error.ts';
import type { Output } from '../output.ts';
import { formatTable } from '../table.ts';
import { askDaemon } from './ask-daemon.ts';

type Counters = CountersAnswer['counters'];

const DEFAULT_SECONDS = 2;

/** `rampartctl counters [--watch]`: what was counted, or what is being counted. */
export async function run({ options, output }: Call): Promise<number> {
  const { watch, count } = options;
  if (watch === undefined) {
    const answer = await askDaemon((client) => client.counters(), '');
    await output.print(answer, () => table(answer.counters, output));
    return EXIT.ok;
  }
  const seconds = watch === true ? DEFAULT_SECONDS : numberOf('--watch', watch);
  const times = count === undefined ? Infinity : numberOf('--count', count);
  await askDaemon((client) => follow(client, { seconds, times, output }), '');
  return EXIT.ok;
}

interface Following {
  readonly seconds: number;
  readonly times: number;
  readonly output: Output;
}

async function follow(client: ControlClient, { seconds, times, output }: Following): Promise<void> {
  let before = await client.counters();
  for (let i = 0; i < times; i++) {
    await wait(seconds * 1000);
    const now = await client.counters();
    const counters = growth(before.counters, now.counters);
    const answer: CountersAnswer = { at: now.at, counters };
    await output.print(answer, () =>
      counters.length === 0 ? `${now.at}: nothing` : `${now.at}\n${table(counters, output)}\n`,
    );
    before = now;
  }
}

// A counter that went away and came back starts anew.
function growth(before: Counters, now: Counters): Counters {
  const known = new Map(before.map((one) => [one.name, one]));
  return now
    .map(({ name, packets, bytes }) => {
      const old = known.get(name);
      const isSame = old !== undefined && old.packets <= packets;
      return isSame
        ? { name, packets: packets - old.packets, bytes: bytes - old.bytes }
        : { name, packets, bytes };
    })
    .filter(({ packets }) => packets > 0);
}

function table(counters: Counters, { columns }: Output): string {
  const rows = counters.map(({ name, packets, bytes }) => [name, String(packets), String(bytes)]);
  return formatTable(['COUNTER', 'PACKETS', 'BYTES'], rows, columns);
}

function numberOf(option: string, text: unknown): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw usageError(`${option}: write a whole number from 1, not "${String(text)}"`);
}
