import { PolicyStore } from '../policy/policy-store.ts';
import { ChangedObjects } from './changed-objects.ts';
import { DatastoreView } from './datastore-view.ts';
import { guardObserver } from './guarded-observer.ts';
import { HostView } from './host-view.ts';
import { Intake } from './intake.ts';
import { KernelTable } from './kernel-table.ts';
import type { LoopObserver, LoopPorts } from './loop-ports.ts';
import type { LoopView } from './loop-view.ts';
import { ProblemBook } from './problem-book.ts';
import { retryDelayMs } from './retry-delay.ts';
import { logTurn } from './turn-log.ts';
import { Turns } from './turns.ts';
import type { TurnSteps } from './turns.ts';
import { presentlyWanted } from './wanted.ts';
import type { WantedParts } from './wanted.ts';

/** What may be asked about the objects that the loop has taken in. */
export type KnownObjects = Pick<
  PolicyStore,
  'policyVersion' | 'candidatesFor' | 'contributorsOf' | 'surveyPolicies'
>;

/**
 * The one loop that carries data from the sources to the kernel. Modes, in prose:
 *
 * - syncing: a complete view of the datastore or of the interfaces is missing. Nothing is written.
 * - frozen: the view is complete, but the gate is closed. Nothing is written, except that what others
 *   do to the rules in force is undone.
 * - flushed: an operator has opened the host. Our table is taken away, whoever puts it back.
 * - idle: the kernel holds what the present view asks for.
 * - turning: one transaction is in flight; what arrives meanwhile is one more turn afterwards.
 * - waiting: the last transaction failed; the next attempt is scheduled.
 *
 * Whatever the mode but `flushed`, the rules in the kernel stay; nothing here removes them, stopping included.
 */
export class Loop {
  readonly #ports: LoopPorts;
  readonly #observer: LoopObserver;
  readonly #store: PolicyStore;
  readonly #problems: ProblemBook;
  readonly #changed = new ChangedObjects();
  readonly #turns: Turns;
  readonly #intake: Intake;
  readonly #datastore: DatastoreView;
  readonly #host: HostView;
  readonly #table: KernelTable;
  readonly #wanted: WantedParts;

  constructor(ports: LoopPorts) {
    this.#ports = ports;
    this.#store = new PolicyStore(ports.nodeName);
    this.#problems = new ProblemBook(ports.logger);
    this.#observer = guardObserver(ports.observer, ports.logger);
    const shared = {
      ...{ ...ports, observer: this.#observer },
      ...{ store: this.#store, problems: this.#problems, changed: this.#changed },
    };
    const due = (): void => {
      this.#turns.due();
    };
    this.#host = new HostView(shared);
    const layersChanged = (): void => {
      this.#host.doubtSettings();
    };
    this.#datastore = new DatastoreView({ ...shared, layersChanged, touched: due });
    this.#table = new KernelTable({ ...shared, doubted: due });
    this.#wanted = { ...shared, host: this.#host, datastore: this.#datastore };
    this.#turns = this.#createTurns();
    this.#intake = new Intake(ports.clock, () => {
      this.#turns.begin();
    });
  }

  /** The present state. */
  get view(): LoopView {
    const { counts, hosts, clusterInformation, nodeNames } = this.#store;
    const { isInSync, isGateOpen, revision } = this.#datastore;
    return {
      ...{ isInSync, isGateOpen, revision, counts, hosts, clusterInformation, nodeNames },
      isTakingIn: this.#intake.isBusy,
      problems: this.#problems.all(),
      interfaces: this.#host.interfaces ?? [],
      fight: this.#table.fight,
    };
  }

  /** What has been taken in, in force or not. */
  get objects(): KnownObjects {
    return this.#store;
  }

  /** See `PolicyStore.shadow`; null as well while nothing may be applied. */
  shadow(): ReturnType<PolicyStore['shadow']> {
    this.#intake.complete();
    return this.#mayApply() ? this.#store.shadow() : null;
  }

  /** Whether rules are in the kernel, ours or an earlier process's. */
  isTablePresent(): Promise<boolean> {
    return this.#table.isPresent();
  }

  /** Starts sources, interfaces and the kernel watch. */
  async start(): Promise<void> {
    const { source, host } = this.#ports;
    this.#table.watch();
    source.start((event) => {
      this.#intake.add(this.#datastore.take(event));
    });
    await host.start((interfaces) => {
      this.#changed.add('interfaces');
      this.#host.useInterfaces(interfaces);
      this.#intake.add(this.#datastore.prepare());
      this.#turns.due();
    });
  }

  /** Reads the datastore again and rewrites the table from what the kernel holds. */
  resync(): void {
    this.#ports.source.resync();
    this.rewrite();
  }

  /** Writes the table again from what the kernel holds. */
  rewrite(): void {
    this.#table.doubt();
  }

  /** What `isFlushed` or `gate` answers may have changed. Resolves when what is under way for it is done. */
  async reconsider(): Promise<void> {
    this.#intake.finish();
    this.#turns.due();
    await this.#turns.tried();
  }

  /** Settings from outside the datastore changed. */
  reconfigure(): void {
    this.#host.doubtSettings();
    this.#turns.due();
  }

  /** Stops; the rules stay. Resolves when nothing is in flight any more. */
  async close(): Promise<void> {
    this.#turns.stop();
    this.#table.close();
    await Promise.all([this.#ports.source.close(), this.#ports.host.close()]);
    await this.#turns.ended();
    await this.#table.leave();
  }

  #createTurns(): Turns {
    return new Turns(this.#ports.clock, {
      decide: () => this.#decide(),
      prepare: () => this.#table.prepare(),
      act: () => this.#act(),
      failed: (error) => this.#failed(error),
    });
  }

  #decide(): ReturnType<TurnSteps['decide']> {
    // Half of a change is nobody's policy.
    if (this.#intake.isBusy) return 'wait';
    const isNeeded = this.#ports.isFlushed() || this.#mayApply() || this.#table.isTampered;
    return isNeeded ? 'begin' : 'drop';
  }

  // Reading took a while: what may be applied now is decided on what is known now.
  #act(): Promise<void> {
    if (this.#ports.isFlushed()) return this.#table.takeAway();
    return this.#mayApply() ? this.#write() : this.#table.restore(this.#ports.inForce());
  }

  async #write(): Promise<void> {
    this.#observer.turning();
    const report = await this.#table.write(() => {
      this.#intake.complete();
      return presentlyWanted(this.#wanted);
    });
    this.#observer.turned(report);
    logTurn(this.#ports.logger, report, this.#changed.settle());
  }

  #failed(error: Error): number {
    const { failures } = this.#table;
    const delayMs = retryDelayMs(failures);
    this.#ports.logger.error(
      { error: error.message, failures, delayMs },
      'could not program nftables: the rules in force stay, trying again',
    );
    this.#observer.failed(error, failures);
    return delayMs;
  }

  #mayApply(): boolean {
    return this.#host.interfaces !== null && this.#datastore.mayApply();
  }
}
