import type { StagedSource } from '../source/source.ts';
import type { Fault } from './fault.ts';
import type { Programmed } from './last-good.ts';
import { admitted, isByPeople } from './rollback-admission.ts';
import { textOf } from './rollback-alarms.ts';
import type { SavedRollback } from './rollback-file.ts';
import { RollbackStanding } from './rollback-standing.ts';
import type { StandingPorts } from './rollback-standing.ts';
import { changed, confirmed, judgedBad, judgedGood, NORMAL } from './rollback-state.ts';
import type { RollbackReason, RollbackState } from './rollback-state.ts';
import { isBack, offendingRules, presentTarget } from './rollback-target.ts';
import type { Target } from './rollback-target.ts';
import { RollbackTrial } from './rollback-trial.ts';
import { RollbackWatch } from './rollback-watch.ts';
import type { WatchPorts } from './rollback-watch.ts';
import type { TurnReport, Wanted } from './turn-report.ts';

/** What a rollback needs from outside. */
export interface RollbackPorts extends WatchPorts, StandingPorts {
  /** What the table holds; null while that is not known. */
  programmed(): Programmed | null;
  /** Writes the table anew. */
  rewrite(): void;
  /** Reads the directory of manifests as if it had these files; null where the datastore is none. */
  readonly stage: StagedSource['stage'] | null;
}

/**
 * Takes rules back that cut this host off. Each change of the rules that came from an object other than a pod is
 * watched for a while, where that is configured; and every change that an operator began with
 * `rampartctl apply-with-rollback`. What is found to be bad is held back until it changes or is confirmed.
 */
export class Rollback {
  /** What an operator tries. */
  readonly trial: RollbackTrial;
  readonly #ports: RollbackPorts;
  readonly #watch: RollbackWatch;
  readonly #standing: RollbackStanding;
  /** What was in force before the turn under way. */
  #before: Target | null = null;
  #lastTurn: TurnReport | null = null;
  #objects: readonly string[] = [];
  /** Where it stood when the turn under way began. */
  #admitted: RollbackState['kind'] = 'normal';

  constructor(ports: RollbackPorts, saved: SavedRollback) {
    this.#ports = ports;
    this.#watch = new RollbackWatch(ports, {
      sshLost: () => {
        this.#rollBack('ssh-lost');
      },
      ended: () => {
        this.#end();
      },
    });
    this.#standing = new RollbackStanding(ports, this.#watch, saved);
    this.trial = new RollbackTrial({
      ...ports,
      standing: this.#standing,
      present: () => this.#present(),
      revision: () => this.#lastTurn?.revision ?? 0,
    });
  }

  get state(): RollbackState {
    return this.#standing.state;
  }

  /** See RollbackStanding. */
  get isSettled(): boolean {
    return this.#standing.isSettled;
  }

  /** See RollbackStanding. */
  get isTargetGone(): boolean {
    return this.#standing.isTargetGone;
  }

  /** What operators have to know. */
  faults(): readonly Fault[] {
    return this.#standing.faults();
  }

  /** See LoopPorts. */
  admit(wanted: Wanted, objects: readonly string[]): Wanted {
    const { state, target } = this.#standing;
    this.#objects = objects;
    this.#admitted = state.kind;
    if (state.kind === 'rolled-back') this.#before = target;
    else {
      const isNeeded = state.kind !== 'watching' && this.#watch.isOn && isByPeople(objects);
      this.#before = isNeeded ? this.#present() : null;
    }
    return admitted(wanted, { state, target, objects, isFirst: this.#lastTurn === null });
  }

  /** A turn ended well. */
  turned(report: TurnReport): void {
    const isFirst = this.#lastTurn === null;
    this.#lastTurn = report;
    if (report.isHeld === true) return;
    const { state } = this;
    // What was written belongs to what was thought of it before.
    if (state.kind !== this.#admitted) return;
    if (state.kind === 'normal' && state.isAccepting) this.#standing.become(NORMAL);
    else if (state.kind === 'rolled-back') this.#leave(report);
    else if (!isFirst && report.written !== null && isByPeople(this.#objects)) this.#change(report);
  }

  /** The datastore answers, or does not. */
  connected(isConnected: boolean): void {
    this.#watch.connected(isConnected);
  }

  /** Resolves once a restart would know where it stands. */
  saved(): Promise<void> {
    return this.#ports.file.saved();
  }

  /** An operator is content. Resolves once a crash would not change that. */
  async confirm(): Promise<void> {
    this.#standing.become(confirmed(this.state));
    this.trial.discard();
    await this.#standing.save();
  }

  /** Stops to watch; a fresh process goes on. */
  close(): void {
    this.#watch.stop();
  }

  #present(): Target | null {
    return presentTarget(this.#ports.programmed(), this.#lastTurn);
  }

  #leave(report: TurnReport): void {
    const { state, target } = this.#standing;
    if (target !== null && !isBack(target, report.ruleset)) this.#change(report);
    // The manifests of before are read again: an operator should still see that it came to that.
    else if (state.kind !== 'rolled-back' || state.by !== 'operator') this.#standing.become(NORMAL);
  }

  #change({ revision }: TurnReport): void {
    const { clock, settings } = this.#ports;
    const { state, target } = this.#standing;
    const until = this.#watch.isOn ? clock.now() + settings.withinMs : null;
    const isNew = state.kind !== 'watching' && until !== null;
    const next = changed(state, { objects: this.#objects, revision }, until);
    this.#standing.become(next, isNew ? this.#before : target);
    this.#watch.changed();
  }

  #end(): void {
    const { state } = this;
    if (state.kind !== 'watching') return;
    if (state.by === 'operator') this.#rollBack('not-confirmed');
    else if (this.#watch.isCutOff) this.#rollBack('datastore-lost');
    else this.#standing.become(judgedGood(state));
  }

  #rollBack(reason: RollbackReason): void {
    const { clock, logger } = this.#ports;
    const { state, target } = this.#standing;
    const held = offendingRules(state, this.#ports.programmed(), target);
    const judged = judgedBad(state, reason, { at: clock.now(), held });
    this.#standing.become(judged);
    logger.error({ reason }, textOf(judged));
    if (held !== null) this.#ports.rewrite();
    this.trial.discard();
  }
}
