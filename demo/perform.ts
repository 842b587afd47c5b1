import { setTimeout as delay } from 'node:timers/promises';
import { watchLogRules } from './log-rules.ts';
import { probeOf } from './hosts.ts';
import type { Change } from './manifests.ts';
import { type Paper, wrap } from './paper.ts';
import type { Row } from './row.ts';
import type { Stage } from './stage.ts';
import type { Act, Step } from './story.ts';
import { isSurprise, printTable } from './table.ts';

const PROBE_EVERY_MS = 10;
const EDIT_LIMIT_MS = 10_000;

/** How many connections came out as the story says, and how many did not. */
export interface Tally {
  expected: number;
  surprises: number;
}

/** Plays one act and prints it; what came of its connections is added to the tally. */
export async function playAct(act: Act, stage: Stage, paper: Paper, tally: Tally): Promise<void> {
  for (const step of act.steps) await new Performance(stage, paper, tally).play(step);
}

class Performance {
  readonly #stage: Stage;
  readonly #paper: Paper;
  readonly #tally: Tally;

  constructor(stage: Stage, paper: Paper, tally: Tally) {
    this.#stage = stage;
    this.#paper = paper;
    this.#tally = tally;
  }

  async play(step: Step): Promise<void> {
    switch (step.kind) {
      case 'say':
        this.#say(step.text);
        return;
      case 'apply':
        this.#show(step.change);
        this.#say(`in force after ${(await this.#stage.apply(step.change)).toFixed()} ms`, 'dim');
        return;
      case 'open-session':
        return this.#openSession(step.row);
      case 'table':
        return this.#table(step.rows, step.logged === true);
      case 'edit-under-traffic':
        return this.#editUnderTraffic(step.change, step.stops);
      case 'kill':
        await this.#stage.daemon.kill();
        this.#say('kill -9; nobody watches over db-1 now:');
        return;
      case 'return':
        return this.#return(step.through, step.not);
    }
  }
}
