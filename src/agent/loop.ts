import { toError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Problem } from '../base/problem.ts';
import type { Cancel } from '../base/clock.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import type { Host, NetworkInterface } from '../host/host.ts';
import type { ForeignChange, Nftables } from '../nftables-json/nftables.ts';
import { compileRuleset } from '../compile/compile.ts';
import { showNewConnections } from '../compile/staged-chains.ts';
import type { CompileSettings } from '../compile/settings.ts';
import { PolicyStore } from '../policy/policy-store.ts';
import type { FelixLayers } from '../policy/felix-layers.ts';
import { resourceName } from '../resource/resource.ts';
import type { ClusterInformation, Kind } from '../resource/resource.ts';
import { UpdateDecoder } from '../resource/update-decoder.ts';
import type { Ruleset } from '../ruleset/ruleset.ts';
import type { Source, SourceEvent } from '../source/source.ts';
import { ChangedObjects, changeOf } from './changed-objects.ts';
import type { Gate } from './datastore-gate.ts';
import { guardObserver } from './guarded-observer.ts';
import { Intake } from './intake.ts';
import { ProblemBook } from './problem-book.ts';
import type { Fight } from './repair-damper.ts';
import { retryDelayMs } from './retry-delay.ts';
import { TableGuard } from './table-guard.ts';
import { TableWriter } from './table-writer.ts';
import { logTurn } from './turn-log.ts';
import type { TurnReport, Wanted } from './turn-report.ts';

export type { TurnReport } from './turn-report.ts';

/** The settings in force, and whether an interface is out of bounds for host endpoints. */
export interface LoopSettings {
  readonly compile: CompileSettings;
  isExcluded(interfaceName: string): boolean;
}

/** Everything the loop needs from outside. */
export interface LoopPorts {
  readonly nodeName: string;
  readonly source: Source;
  readonly host: Host;
  readonly nftables: Nftables;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Settings that result from these layers; equal settings are answered with the same object. */
  settings(layers: FelixLayers): { settings: LoopSettings; problems: readonly Problem[] };
  gate(clusterInformation: ClusterInformation | null): Gate;
  /** What the kernel took last, its sets as they were then; null before the first turn. */
  inForce(): Ruleset | null;
  /** An operator has opened this host on purpose: our table is taken away and kept away. */
  isFlushed(): boolean;
  /** An equivalent ruleset, or the same. */
  optimise(ruleset: Ruleset): Ruleset;
  /**
   * What is written for `wanted`: that, or what was in force before where it has turned out to be bad. `objects`
   * names what the turn took in.
   */
  admit(wanted: Wanted, objects: readonly string[]): Wanted;
  readonly observer: LoopObserver;
}

/** The loop's own state, for whoever reports it. */
export interface LoopView {
  /** A complete view of the datastore has arrived, and nothing was lost since. */
  readonly isInSync: boolean;
  /** Some of what has arrived is not taken in yet. */
  readonly isTakingIn: boolean;
  /** Whether that view may be applied. */
  readonly isGateOpen: boolean;
  /** The datastore revision seen last. */
  readonly revision: number;
  readonly problems: readonly Problem[];
  /** Number of objects in force, by kind. */
  readonly counts: ReadonlyMap<Kind, number>;
  /** Number of nodes that have a HostEndpoint. */
  readonly hosts: number;
  readonly clusterInformation: ClusterInformation | null;
  /** Empty until the host has told them. */
  readonly interfaces: readonly NetworkInterface[];
  /** `spec.node` of all HostEndpoints, each once; the same array while they are the same. */
  readonly nodeNames: readonly string[];
  /** Another program that keeps changing our table. */
  readonly fight: Fight | null;
}

/** Told what happens; must not block. What it throws is logged and changes nothing. */
export interface LoopObserver {
  /** How many objects of each kind were delivered, and how long it took to take them in. */
  updated(counts: ReadonlyMap<Kind, number>, durationMs: number): void;
  connected(isConnected: boolean): void;
  /** A turn begins: the kernel will be asked. */
  turning(): void;
  turned(report: TurnReport): void;
  failed(error: Error, failures: number): void;
  /** Our table is gone, as an operator asked. */
  flushed(): void;
  /** Nothing new may be applied, and what was in force is again. */
  restored(): void;
  foreignChange(change: ForeignChange): void;
}

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
  readonly #store: PolicyStore;
  readonly #decoder = new UpdateDecoder();
  readonly #writer: TableWriter;
  readonly #problems: ProblemBook;
  readonly #observer: LoopObserver;
  readonly #guard: TableGuard;
  readonly #changed = new ChangedObjects();
  readonly #intake: Intake;
  #interfaces: readonly NetworkInterface[] | null = null;
  #isInSync = false;
  /** A saved view stands in for one that is in sync. */
  #isSaved = false;
  #isOpen = true;
  #revision = 0;
  #settings: LoopSettings | null = null;
  #isDirty = false;
  #isTurning = false;
  #isClosed = false;
  #retry: Cancel | null = null;
  #turn: Promise<void> = Promise.resolve();

  constructor(ports: LoopPorts) {
    this.#ports = ports;
    this.#store = new PolicyStore(ports.nodeName);
    this.#writer = new TableWriter(ports.nftables);
    this.#problems = new ProblemBook(ports.logger);
    this.#observer = guardObserver(ports.observer, ports.logger);
    this.#intake = new Intake(ports.clock, () => {
      this.#startTurn();
    });
    this.#guard = new TableGuard({
      ...ports,
      foreignChange: (change) => {
        this.#observer.foreignChange(change);
      },
      rewrite: () => {
        this.rewrite();
      },
    });
  }

  /** The present state. */
  get view(): LoopView {
    const { counts, hosts, clusterInformation, nodeNames } = this.#store;
    return {
      isInSync: this.#isInSync,
      isTakingIn: this.#intake.isBusy,
      isGateOpen: this.#isOpen,
      revision: this.#revision,
      problems: this.#problems.all(),
      counts,
      hosts,
      clusterInformation,
      interfaces: this.#interfaces ?? [],
      nodeNames,
      fight: this.#guard.fight,
    };
  }

  /** Counts the changes of policies that are enforced. */
  get policyVersion(): number {
    return this.#store.policyVersion;
  }

  /** Every policy, and whether it selects this host's endpoint. */
  candidatesFor(endpoint: string): ReturnType<PolicyStore['candidatesFor']> {
    return this.#store.candidatesFor(endpoint);
  }

  /** See `PolicyStore.shadow`; null as well while nothing may be applied. */
  shadow(): ReturnType<PolicyStore['shadow']> {
    this.#intake.complete();
    return this.#mayApply() ? this.#store.shadow() : null;
  }

  /** The objects that put `member` into the set `setId`, by name. */
  contributorsOf(setId: string, member: string): readonly string[] {
    return this.#store.contributorsOf(setId, member);
  }

  /** Starts to look for GlobalNetworkPolicies that select no endpoint anywhere; see `findIdlePolicies`. */
  surveyPolicies(): ReturnType<PolicyStore['surveyPolicies']> {
    return this.#store.surveyPolicies();
  }

  /** Whether rules are in the kernel, ours or an earlier process's. */
  async isTablePresent(): Promise<boolean> {
    return this.#writer.isTablePresent();
  }

  /** Starts sources, interfaces and the kernel watch. */
  async start(): Promise<void> {
    const { source, host } = this.#ports;
    this.#guard.start();
    source.start((event) => {
      this.#intake.add(this.#take(event));
    });
    await host.start((interfaces) => {
      this.#interfaces = interfaces;
      this.#changed.add('interfaces');
      this.#useInterfaces();
      this.#touch();
    });
  }

  /** Reads the datastore again and rewrites the table from what the kernel holds. */
  resync(): void {
    this.#ports.source.resync();
    this.rewrite();
  }

  /** What `isFlushed` or `gate` answers may have changed. Resolves when what is under way for it is done. */
  async reconsider(): Promise<void> {
    this.#intake.finish();
    this.#touch();
    // The turn begins in a microtask, or follows the one in flight.
    do await Promise.resolve(this.#turn);
    while (this.#isTurning);
  }

  /** Settings from outside the datastore changed. */
  reconfigure(): void {
    this.#settings = null;
    this.#touch();
  }

  /** Stops; the rules stay. Resolves when nothing is in flight any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#retry?.();
    this.#guard.close();
    await Promise.all([this.#ports.source.close(), this.#ports.host.close()]);
    await this.#turn;
  }

  *#take(event: SourceEvent): Generator<undefined, void> {
    switch (event.kind) {
      case 'updates':
        yield* this.#applyUpdates(event.updates);
        this.#revision = event.revision;
        break;
      case 'in-sync':
        this.#isInSync = true;
        this.#isSaved = false;
        this.#revision = event.revision;
        this.#observer.connected(true);
        break;
      case 'saved':
        this.#isSaved = true;
        this.#revision = event.revision;
        this.#ports.logger.warn(
          { revision: event.revision, takenAt: new Date(event.takenAt).toISOString() },
          'the datastore is out of reach: what was saved of it is enforced',
        );
        break;
      case 'lost':
        this.#observer.connected(false);
        this.#ports.logger.warn(
          { error: event.error.message },
          'datastore lost: the rules in force stay',
        );
        return;
      case 'problems':
        this.#problems.report('datastore', event.problems);
        return;
    }
    this.#touch();
  }

  *#applyUpdates(updates: readonly RawUpdate[]): Generator<undefined, void> {
    const { clock } = this.#ports;
    const startedAt = clock.monotonic();
    const counts = new Map<Kind, number>();
    for (const raw of updates) {
      const update = this.#decoder.decode(raw);
      if (update === null) continue;
      const { kind } = update.id;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      if (kind === 'FelixConfiguration' || kind === 'Node') this.#settings = null;
      const name = resourceName(update.id);
      this.#problems.report(name, update.problems);
      const before = this.#store.counts.get(kind) ?? 0;
      yield* this.#store.approach(update);
      this.#store.apply(update);
      this.#changed.add(name, changeOf(before, this.#store.counts.get(kind) ?? 0));
    }
    this.#observer.updated(counts, clock.monotonic() - startedAt);
  }

  /** Writes the table again from what the kernel holds. */
  rewrite(): void {
    this.#writer.doubt();
    this.#touch();
  }

  // Everything that arrives in one turn of the event loop is one turn of ours.
  #touch(): void {
    if (this.#isDirty || this.#isClosed) return;
    this.#isDirty = true;
    queueMicrotask(() => {
      this.#startTurn();
    });
  }

  #startTurn(): void {
    if (!this.#isDirty || this.#isTurning || this.#isClosed || this.#retry !== null) return;
    // Half of a change is nobody's policy.
    if (this.#intake.isBusy) return;
    if (!this.#ports.isFlushed() && !this.#mayApply() && !this.#guard.isTampered) {
      this.#isDirty = false;
      return;
    }
    this.#isTurning = true;
    this.#isDirty = false;
    this.#turn = this.#runTurn();
  }

  // Never rejects: a failed turn schedules the next attempt.
  async #runTurn(): Promise<void> {
    try {
      await this.#writer.prepare();
      // Reading took a while: what may be applied now is decided on what is known now.
      if (this.#ports.isFlushed()) await this.#takeAway();
      else if (this.#mayApply()) await this.#writeAndReport();
      else await this.#restore();
    } catch (thrown) {
      this.#retryLater(toError(thrown));
    } finally {
      this.#isTurning = false;
    }
    this.#startTurn();
  }

  async #writeAndReport(): Promise<void> {
    this.#observer.turning();
    const report = await this.#guard.repair(() => this.#program());
    this.#observer.turned(report);
    logTurn(this.#ports.logger, report, this.#changed.settle());
  }

  // Frozen, but the host must not be left to what somebody else made of its rules.
  async #restore(): Promise<void> {
    const ruleset = this.#ports.inForce();
    await this.#guard.repair(async () => {
      if (ruleset === null) return;
      await this.#writer.write(() => ({ ruleset }));
      // Its sets are copies, of which the next difference knows nothing.
      this.#writer.doubt();
      this.#observer.restored();
      this.#ports.logger.info({}, 'the rules that were in force are written again');
    });
  }

  async #takeAway(): Promise<void> {
    const isGone = await this.#writer.takeAway();
    // Once the flush is over the rules come back, even if nothing new may be applied then.
    this.#guard.doubt();
    this.#observer.flushed();
    if (isGone) this.#ports.logger.warn({}, 'flushed: nothing filters on this host now');
  }

  async #program(): Promise<TurnReport> {
    const { compile } = this.#useSettings();
    return this.#writer.write(() => {
      this.#intake.complete();
      this.#changed.take();
      const resolution = this.#store.resolve();
      this.#problems.report('policy', resolution.problems);
      const ruleset = this.#ports.optimise(this.#shown(compileRuleset(resolution.policy, compile)));
      const { clusterInformation } = this.#store;
      const isSaved = this.#isSaved;
      const { enforcement } = compile;
      const known = { revision: this.#revision, isSaved, clusterInformation };
      const changed = this.#changed.taken;
      const wanted = { ...known, resolution, ruleset, enforcement, changed };
      return this.#ports.admit(
        wanted,
        changed.map(({ name }) => name),
      );
    });
  }

  // Only while there is something to judge by it: it costs the kernel a little.
  #shown(ruleset: Ruleset): Ruleset {
    const proposes = (this.#store.shadow()?.together ?? null) !== null;
    return proposes ? showNewConnections(ruleset) : ruleset;
  }

  #retryLater(error: Error): void {
    const { failures } = this.#writer;
    const delayMs = retryDelayMs(failures);
    this.#ports.logger.error(
      { error: error.message, failures, delayMs },
      'could not program nftables: the rules in force stay, trying again',
    );
    this.#observer.failed(error, failures);
    this.#isDirty = true;
    this.#retry = this.#ports.clock.after(delayMs, () => {
      this.#retry = null;
      this.#startTurn();
    });
  }

  #mayApply(): boolean {
    const isComplete = this.#isInSync || this.#isSaved;
    return isComplete && this.#interfaces !== null && this.#isGateOpen();
  }

  #isGateOpen(): boolean {
    const gate = this.#ports.gate(this.#store.clusterInformation);
    this.#problems.report('gate', gate.isOpen ? [] : [gate.problem]);
    const opensAgain = gate.isOpen && !this.#isOpen;
    this.#isOpen = gate.isOpen;
    if (!opensAgain) return gate.isOpen;
    // What was seen while the datastore was not ready may be half a migration: list again.
    this.#isInSync = false;
    this.#ports.source.resync();
    return false;
  }

  #useSettings(): LoopSettings {
    if (this.#settings !== null) return this.#settings;
    const { settings, problems } = this.#ports.settings(this.#store.felixLayers);
    this.#problems.report('settings', problems);
    this.#settings = settings;
    this.#useInterfaces();
    return settings;
  }

  #useInterfaces(): void {
    if (this.#interfaces === null) return;
    const settings = this.#settings;
    this.#store.setInterfaces(this.#interfaces, (name) => settings?.isExcluded(name) === true);
  }
}
