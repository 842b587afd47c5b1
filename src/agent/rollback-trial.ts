import type { Clock } from '../base/clock.ts';
import type { StagedSource } from '../source/source.ts';
import type { RollbackStanding } from './rollback-standing.ts';
import { NORMAL, opened, withdrawn } from './rollback-state.ts';
import type { RollbackState } from './rollback-state.ts';
import type { Target } from './rollback-target.ts';

/** What a trial needs, and whom it tells. */
export interface TrialPorts {
  readonly clock: Clock;
  readonly standing: RollbackStanding;
  /** Reads the directory of manifests as if it had these files; null where the datastore is none. */
  readonly stage: StagedSource['stage'] | null;
  /** What is in force now, and the revision of the datastore that led there. */
  present(): Target | null;
  revision(): number;
  /** Where it stands has changed. */
  changed(): void;
}

const NO_FILES: ReadonlyMap<string, string> = new Map();

/** Manifests that an operator tries: they are in force, and not in the directory yet. */
export class RollbackTrial {
  readonly #ports: TrialPorts;
  #files = NO_FILES;
  /** Where it stood before. */
  #untried: RollbackState = NORMAL;

  constructor(ports: TrialPorts) {
    this.#ports = ports;
  }

  /** Whether manifests can be tried: the datastore is a directory of them. */
  get isPossible(): boolean {
    return this.#ports.stage !== null;
  }

  /** Texts by file name. */
  get files(): ReadonlyMap<string, string> {
    return this.#files;
  }

  /**
   * An operator begins to try `files`, which has to be confirmed within `ms`. Resolves to the end of that time once
   * the loop has the files, and a crash would not make anybody forget them. Rejects while rules are held.
   */
  async open(ms: number, files: ReadonlyMap<string, string>): Promise<number> {
    const { clock, standing } = this.#ports;
    const { state, target } = standing;
    const until = clock.now() + ms;
    const trial = opened(state, { objects: [], revision: this.#ports.revision() }, until);
    if (trial === null) throw new Error('rules are held: nothing can be tried');
    this.#untried = state;
    this.#files = files;
    await standing.begin(trial, state.kind === 'rolled-back' ? target : this.#ports.present());
    await this.#deliver();
    this.#ports.changed();
    return until;
  }

  /** What an operator began did not reach the kernel: it is as if it had never been, unless it was judged by now. */
  async withdraw(): Promise<void> {
    const { standing } = this.#ports;
    standing.become(withdrawn(standing.state, this.#untried));
    this.discard();
    await standing.save();
  }

  /** Nothing is tried any more: the directory is read as it is. */
  discard(): void {
    if (this.#files.size === 0) return;
    this.#files = NO_FILES;
    void this.#deliver();
  }

  // Resolves once the loop has what is tried.
  async #deliver(): Promise<void> {
    await this.#ports.stage?.(this.#files);
  }
}
