import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CalicoObject, StoredPair } from '../support/calico.ts';
import type { Bench } from './bench.ts';
import { describeCases } from './cases.ts';
import type { Check } from './check.ts';
import { SHORT_FORM } from './short-form.ts';

const DEFAULT_SECONDS = 30;

/** A state of the datastore and what is then true of traffic. */
export interface Phase {
  readonly objects: readonly CalicoObject[];
  readonly raw?: readonly StoredPair[];
  readonly checks: readonly Check[];
}

/** A row of the acceptance matrix: phases one after another, or a script. */
export type Row = { readonly number: number; readonly title: string } & (
  | { readonly kind: 'phases'; readonly phases: readonly Phase[] }
  | ({ readonly kind: 'script'; readonly run: (bench: Bench) => Promise<void> } & ScriptOptions)
);

/** How long a script may take, and why it cannot run on this machine, if it cannot. */
export interface ScriptOptions {
  readonly seconds?: number;
  readonly obstacle?: () => string | undefined;
}

/** A row that is data. */
export function row(number: number, title: string, ...phases: readonly Phase[]): Row {
  return { kind: 'phases', number, title, phases };
}

/** A row that does more than store and probe. */
export function script(
  number: number,
  title: string,
  run: (bench: Bench) => Promise<void>,
  options: ScriptOptions = {},
): Row {
  return { kind: 'script', number, title, run, ...options };
}

/** With these objects stored, these checks hold. */
export function given(objects: readonly CalicoObject[], ...checks: readonly Check[]): Phase {
  return { objects, checks };
}

/** Runs a row; on failure the message says what is wrong, and RAMPART_TEST_EVIDENCE names where to keep rulesets. */
export async function runRow(bench: Bench, one: Row): Promise<void> {
  try {
    if (one.kind === 'script') await one.run(bench);
    else for (const phase of one.phases) await runPhase(bench, phase);
  } catch (thrown) {
    const directory = process.env['RAMPART_TEST_EVIDENCE'];
    if (directory !== undefined)
      writeFileSync(join(directory, `row-${one.number}.txt`), await bench.evidence());
    throw thrown;
  }
}

async function runPhase(bench: Bench, phase: Phase): Promise<void> {
  await bench.store(phase.objects, phase.raw);
  await bench.flushConntrack();
  await bench.check(...phase.checks);
}

/** Declares a mocha suite of rows that share one laboratory. */
export function describeRows(title: string, rows: readonly Row[]): void {
  const wanted = rows.filter((one) => !isShort() || SHORT_FORM.has(one.number));
  if (wanted.length === 0) return;
  const define = (bench: () => Bench): void => {
    for (const one of wanted) {
      const obstacle = one.kind === 'script' ? one.obstacle?.() : undefined;
      const title = `row ${one.number}: ${one.title}`;
      if (obstacle !== undefined) {
        it(`${title} (cannot run here: ${obstacle})`);
        continue;
      }
      it(title, async function () {
        this.timeout(secondsFor(one) * 1000);
        await runRow(bench(), one);
      });
    }
  };
  describeCases(title, define, assertAsked);
}

// Rows about a daemon that does not answer, and ways that nobody described, are few.
function assertAsked({ explained: { asked, unsaid } }: Bench): void {
  if (asked === 0 || unsaid * 2 > asked)
    throw new Error(`explain could not say of ${unsaid} in ${asked} flows`);
}

function secondsFor(one: Row): number {
  return one.kind === 'script' ? (one.seconds ?? DEFAULT_SECONDS) : DEFAULT_SECONDS;
}

function isShort(): boolean {
  return process.env['RAMPART_TEST'] === 'short';
}
