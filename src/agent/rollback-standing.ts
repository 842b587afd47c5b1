import type { Fault } from './fault.ts';
import { rollbackFaults, textOf } from './rollback-alarms.ts';
import type { RollbackFile, SavedRollback } from './rollback-file.ts';
import { resumed } from './rollback-state.ts';
import type { RollbackState } from './rollback-state.ts';
import type { Target } from './rollback-target.ts';
import type { RollbackWatch, WatchPorts } from './rollback-watch.ts';

/** Where it is kept, and who is told. */
export interface StandingPorts extends Pick<WatchPorts, 'clock' | 'logger' | 'settings'> {
  readonly file: RollbackFile;
  /** The rules in force have turned out to be good. */
  settled(): void;
  /** What `state` answers has changed. */
  changed(): void;
}

/** What is thought of the rules in force, and what there is to go back to: saved, watched and told when it changes. */
export class RollbackStanding {
  readonly #ports: StandingPorts;
  readonly #watch: Pick<RollbackWatch, 'start' | 'stop' | 'changed'>;
  #state: RollbackState;
  #target: Target | null;

  /** Goes on from where an earlier process stood. */
  constructor(
    ports: StandingPorts,
    watch: Pick<RollbackWatch, 'start' | 'stop' | 'changed'>,
    { state, target }: SavedRollback,
  ) {
    this.#ports = ports;
    this.#watch = watch;
    const now = ports.clock.now();
    this.#state = resumed(state, now, now + ports.settings.withinMs);
    this.#target = target === null ? null : { ruleset: target, report: null };
    if (this.#state === state) return;
    watch.changed(true);
    ports.logger.warn({ was: state.kind }, textOf(this.#state));
    void this.save();
    this.#watchState();
  }

  get state(): RollbackState {
    return this.#state;
  }

  /** Null: not known, or nothing to go back to. */
  get target(): Target | null {
    return this.#target;
  }

  /** Whether the rules in force are there to stay. */
  get isSettled(): boolean {
    return this.#state.kind !== 'watching' && this.#state.kind !== 'stuck';
  }

  /** Whether rules are held, and what to write instead is gone: nothing may be written. */
  get isTargetGone(): boolean {
    const state = this.#state;
    if (state.kind !== 'rolled-back' || state.by === 'operator') return false;
    return state.held !== null && this.#target === null;
  }

  /** What operators have to know. */
  faults(): readonly Fault[] {
    return [...rollbackFaults(this.#state), ...this.#ports.file.faults()];
  }

  /** Something else is thought of the rules in force. */
  become(state: RollbackState, target = this.#target): void {
    const before = this.#state;
    this.#state = state;
    this.#target = target;
    if (state === before) return;
    if (state.kind === 'normal') this.#target = null;
    const isNew = state.kind === 'watching' && before.kind !== 'watching';
    void this.#ports.file.save(state, isNew ? target?.ruleset : undefined);
    this.#watchState();
    if (state.kind === 'normal') this.#ports.settled();
    this.#ports.changed();
  }

  /** The same before anything has changed; nobody is told. Resolves once a crash would not make anybody forget it. */
  async begin(state: RollbackState, target: Target | null): Promise<void> {
    this.#state = state;
    this.#target = target;
    this.#watchState();
    await this.#ports.file.save(state, target?.ruleset);
  }

  /** Resolves once a restart would know of the present state. */
  save(): Promise<void> {
    return this.#ports.file.save(this.#state);
  }

  #watchState(): void {
    const state = this.#state;
    if (state.kind === 'watching') this.#watch.start(state.until);
    else this.#watch.stop();
  }
}
