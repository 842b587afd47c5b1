import type { StagedSource } from '../source/source.ts';
import type { Ruleset } from '../ruleset/ruleset.ts';
import type { Fault } from './fault.ts';
import { heldRules, isHeld, rulesHash } from './held-rules.ts';
import type { HeldRules } from './held-rules.ts';
import { fixedRuleset } from './last-good.ts';
import type { Programmed } from './last-good.ts';
import { policyInForce } from './policy-in-force.ts';
import { rollbackFaults, textOf } from './rollback-alarms.ts';
import type { RollbackFile, SavedRollback } from './rollback-file.ts';
import {
  changed,
  confirmed,
  judgedBad,
  judgedGood,
  NORMAL,
  opened,
  resumed,
  withdrawn,
} from './rollback-state.ts';
import type { RollbackReason, RollbackState } from './rollback-state.ts';
import { RollbackWatch } from './rollback-watch.ts';
import type { WatchPorts } from './rollback-watch.ts';
import type { TurnReport, Wanted } from './turn-report.ts';

/** What a rollback needs from outside. */
export interface RollbackPorts extends WatchPorts {
  readonly file: RollbackFile;
  /** What the table holds; null while that is not known. */
  programmed(): Programmed | null;
  /** Writes the table anew. */
  rewrite(): void;
  /** Reads the directory of manifests as if it had these files; null where the datastore is none. */
  readonly stage: StagedSource['stage'] | null;
  /** The rules in force have turned out to be good. */
  settled(): void;
  /** What `state` answers has changed. */
  changed(): void;
}

interface Target {
  readonly ruleset: Ruleset;
  /** The turn that made it; null for rules of an earlier process. */
  readonly report: Pick<TurnReport, 'resolution' | 'revision'> | null;
}

/**
 * Takes rules back that cut this host off. Each change of the rules that came from an object other than a pod is
 * watched for a while, where that is configured; and every change that an operator began with
 * `rampartctl apply-with-rollback`. What is found to be bad is held back until it changes or is confirmed.
 */
export class Rollback {
  readonly #ports: RollbackPorts;
  readonly #watch: RollbackWatch;
  #state: RollbackState;
  #target: Target | null = null;
  /** Where it stood before what an operator tries. */
  #untried: RollbackState = NORMAL;
  /** What was in force before the turn under way. */
  #before: Target | null = null;
  #staged: ReadonlyMap<string, string> = new Map();
  #lastTurn: TurnReport | null = null;
  #objects: readonly string[] = [];
  /** Where it stood when the turn under way began. */
  #admitted: RollbackState['kind'] = 'normal';

  constructor(ports: RollbackPorts, { state, target }: SavedRollback) {
    this.#ports = ports;
    this.#watch = new RollbackWatch(ports, {
      sshLost: () => {
        this.#rollBack('ssh-lost');
      },
      ended: () => {
        this.#end();
      },
    });
    const now = ports.clock.now();
    this.#state = resumed(state, now, now + ports.settings.withinMs);
    this.#target = target === null ? null : { ruleset: target, report: null };
    if (this.#state === state) return;
    this.#watch.changed(true);
    ports.logger.warn({ was: state.kind }, textOf(this.#state));
    void ports.file.save(this.#state);
    this.#watchState();
  }

  get state(): RollbackState {
    return this.#state;
  }

  /** Manifests in force that are not in the directory yet: texts by file name. */
  get staged(): ReadonlyMap<string, string> {
    return this.#staged;
  }

  /** Whether manifests can be tried: the datastore is a directory of them. */
  get canStage(): boolean {
    return this.#ports.stage !== null;
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
    return rollbackFaults(this.#state);
  }

  /** See LoopPorts. */
  admit(wanted: Wanted, objects: readonly string[]): Wanted {
    const state = this.#state;
    const target = this.#target;
    this.#objects = objects;
    this.#admitted = state.kind;
    if (state.kind !== 'rolled-back') {
      const isNeeded = state.kind !== 'watching' && this.#watch.isOn && isByPeople(objects);
      this.#before = isNeeded ? this.#present() : null;
      return wanted;
    }
    this.#before = target;
    if (target === null || state.held === null || this.#isTouched(state)) return wanted;
    if (!isHeld(state.held, wanted.ruleset)) return wanted;
    const { resolution, revision } = target.report ?? wanted;
    return { ...wanted, resolution, revision, ruleset: target.ruleset, isHeld: true };
  }

  /** A turn ended well. */
  turned(report: TurnReport): void {
    const isFirst = this.#lastTurn === null;
    this.#lastTurn = report;
    if (report.isHeld === true) return;
    const state = this.#state;
    // What was written belongs to what was thought of it before.
    if (state.kind !== this.#admitted) return;
    if (state.kind === 'normal' && state.isAccepting) this.#become(NORMAL);
    else if (state.kind === 'rolled-back') this.#leave(report);
    else if (!isFirst && report.written !== null && isByPeople(this.#objects)) this.#change(report);
  }

  /** The datastore answers, or does not. */
  connected(isConnected: boolean): void {
    this.#watch.connected(isConnected);
  }

  /**
   * An operator begins to try `files`, which has to be confirmed within `ms`. Resolves to the end of that time once
   * the loop has the files, and a crash would not make anybody forget them. Rejects while rules are held.
   */
  async open(ms: number, files: ReadonlyMap<string, string>): Promise<number> {
    const until = this.#ports.clock.now() + ms;
    const revision = this.#lastTurn?.revision ?? 0;
    const trial = opened(this.#state, { objects: [], revision }, until);
    if (trial === null) throw new Error('rules are held: nothing can be tried');
    this.#target = this.#state.kind === 'rolled-back' ? this.#target : this.#present();
    this.#untried = this.#state;
    this.#state = trial;
    this.#watchState();
    this.#staged = files;
    await this.#ports.file.save(this.#state, this.#target?.ruleset);
    await this.#ports.stage?.(files);
    this.#ports.changed();
    return until;
  }

  /** Resolves once a restart would know where it stands. */
  saved(): Promise<void> {
    return this.#ports.file.saved();
  }

  /** An operator is content. Resolves once a crash would not change that. */
  async confirm(): Promise<void> {
    this.#become(confirmed(this.#state));
    this.#discard();
    await this.#ports.file.save(this.#state);
  }

  /** What an operator began did not reach the kernel: it is as if it had never been, unless it was judged by now. */
  async withdraw(): Promise<void> {
    this.#become(withdrawn(this.#state, this.#untried));
    this.#discard();
    await this.#ports.file.save(this.#state);
  }

  /** Stops to watch; a fresh process goes on. */
  close(): void {
    this.#watch.stop();
  }

  #present(): Target | null {
    const programmed = this.#ports.programmed();
    const report = this.#lastTurn;
    if (programmed === null || report === null) return null;
    const policy = policyInForce(report.resolution.policy, programmed.sets);
    const { revision } = report;
    const resolution = { ...report.resolution, policy };
    return { ruleset: fixedRuleset(programmed), report: { resolution, revision } };
  }

  // After a restart everything that there is was delivered again, which is no change; and what an operator tried
  // changes once more when it is no longer tried.
  #isTouched({ objects, by }: Extract<RollbackState, { kind: 'rolled-back' }>): boolean {
    if (this.#lastTurn === null || by === 'operator') return false;
    return this.#objects.some(
      (name) => objects.includes(name) || name.startsWith('GlobalNetworkSet '),
    );
  }

  #leave(report: TurnReport): void {
    const state = this.#state;
    const isBack =
      this.#target === null || rulesHash(this.#target.ruleset) === rulesHash(report.ruleset);
    // The manifests of before are read again: an operator should still see that it came to that.
    if (isBack && state.kind === 'rolled-back' && state.by === 'operator') return;
    if (isBack) this.#become(NORMAL);
    else this.#change(report);
  }

  #change({ revision }: TurnReport): void {
    const until = this.#watch.isOn ? this.#ports.clock.now() + this.#ports.settings.withinMs : null;
    const isNew = this.#state.kind !== 'watching';
    if (isNew && until !== null) this.#target = this.#before;
    this.#become(changed(this.#state, { objects: this.#objects, revision }, until));
    this.#watch.changed();
  }

  #become(state: RollbackState): void {
    const before = this.#state;
    this.#state = state;
    if (state === before) return;
    if (state.kind === 'normal') this.#target = null;
    const isNew = state.kind === 'watching' && before.kind !== 'watching';
    void this.#ports.file.save(state, isNew ? this.#target?.ruleset : undefined);
    this.#watchState();
    if (state.kind === 'normal') this.#ports.settled();
    this.#ports.changed();
  }

  #watchState(): void {
    const state = this.#state;
    if (state.kind === 'watching') this.#watch.start(state.until);
    else this.#watch.stop();
  }

  #end(): void {
    const state = this.#state;
    if (state.kind !== 'watching') return;
    if (state.by === 'operator') this.#rollBack('not-confirmed');
    else if (this.#watch.isCutOff) this.#rollBack('datastore-lost');
    else this.#become(judgedGood(state));
  }

  #rollBack(reason: RollbackReason): void {
    const { clock, logger } = this.#ports;
    const held = this.#offending();
    const state = judgedBad(this.#state, reason, { at: clock.now(), held });
    this.#become(state);
    logger.error({ reason }, textOf(state));
    if (held !== null) this.#ports.rewrite();
    this.#discard();
  }

  #offending(): HeldRules | null {
    const target = this.#target;
    const programmed = this.#ports.programmed();
    if (target === null || programmed === null) return null;
    const held = heldRules(fixedRuleset(programmed), target.ruleset);
    // A trial that changed nothing, or never reached the kernel, leaves the good rules there.
    const isTrial = this.#state.kind === 'watching' && this.#state.by === 'operator';
    return isTrial && isHeld(held, target.ruleset) ? null : held;
  }

  #discard(): void {
    if (this.#staged.size === 0) return;
    this.#staged = new Map();
    void this.#ports.stage?.(this.#staged);
  }
}

// Pods come and go by themselves, all day.
function isByPeople(objects: readonly string[]): boolean {
  return objects.some((name) => !name.startsWith('WorkloadEndpoint ') && name !== 'interfaces');
}
