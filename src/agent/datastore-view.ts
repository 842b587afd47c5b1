import type { RawUpdate } from '../base/raw-update.ts';
import type { PolicyStore } from '../policy/policy-store.ts';
import { resourceName } from '../resource/resource.ts';
import type { Kind, ResourceUpdate } from '../resource/resource.ts';
import { UpdateDecoder } from '../resource/update-decoder.ts';
import type { SourceEvent } from '../source/source.ts';
import { changeOf } from './changed-objects.ts';
import type { ChangedObjects } from './changed-objects.ts';
import type { LoopObserver, LoopPorts } from './loop-ports.ts';
import type { ProblemBook } from './problem-book.ts';

/** What the view is made of, and whom it tells. */
export interface DatastoreViewPorts extends Pick<
  LoopPorts,
  'source' | 'clock' | 'logger' | 'gate'
> {
  readonly store: PolicyStore;
  readonly problems: ProblemBook;
  readonly changed: ChangedObjects;
  readonly observer: Pick<LoopObserver, 'updated' | 'connected'>;
  /** What settings are made of has changed. */
  layersChanged(): void;
  /** There may be something to do. */
  touched(): void;
}

/** Takes in what the source delivers, and knows whether the view of the datastore may be applied. */
export class DatastoreView {
  readonly #ports: DatastoreViewPorts;
  readonly #decoder = new UpdateDecoder();
  #isInSync = false;
  #isSaved = false;
  #isOpen = true;
  #revision = 0;

  constructor(ports: DatastoreViewPorts) {
    this.#ports = ports;
  }

  /** A complete view has arrived, and nothing was lost since. */
  get isInSync(): boolean {
    return this.#isInSync;
  }

  /** A saved view stands in for one that is in sync. */
  get isSaved(): boolean {
    return this.#isSaved;
  }

  /** Whether the gate was open when it was asked last. */
  get isGateOpen(): boolean {
    return this.#isOpen;
  }

  /** The datastore revision seen last. */
  get revision(): number {
    return this.#revision;
  }

  /** Whether the view is complete and the gate open; where that opens again, the datastore is read anew first. */
  mayApply(): boolean {
    return (this.#isInSync || this.#isSaved) && this.#askGate();
  }

  /** Takes one event in, in steps of a few milliseconds. */
  *take(event: SourceEvent): Generator<undefined, void> {
    switch (event.kind) {
      case 'updates':
        yield* this.#takeUpdates(event.updates);
        this.#revision = event.revision;
        break;
      case 'in-sync':
        this.#isInSync = true;
        this.#isSaved = false;
        this.#revision = event.revision;
        this.#ports.observer.connected(true);
        break;
      case 'saved':
        this.#takeSaved(event);
        break;
      case 'lost':
        this.#lose(event.error);
        return;
      case 'problems':
        this.#ports.problems.report('datastore', event.problems);
        return;
    }
    yield* this.prepare();
    this.#ports.touched();
  }

  /** Prepares what a turn asks the store, in steps of about a millisecond; nothing while the view is not complete. */
  *prepare(): Generator<undefined, void> {
    if (!this.#isInSync && !this.#isSaved) return;
    try {
      yield* this.#ports.store.prepare();
    } catch {
      // The turn comes to it again, and says so.
    }
  }

  *#takeUpdates(updates: readonly RawUpdate[]): Generator<undefined, void> {
    const { clock, observer, store } = this.#ports;
    const startedAt = clock.monotonic();
    const counts = new Map<Kind, number>();
    for (const raw of updates) {
      yield* this.#decoder.approach(raw);
      const update = this.#decoder.decode(raw);
      if (update === null) continue;
      const { kind } = update.id;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      const before = store.counts.get(kind) ?? 0;
      yield* store.approach(update);
      this.#apply(update, before);
    }
    observer.updated(counts, clock.monotonic() - startedAt);
  }

  // There were `before` objects of its kind.
  #apply(update: ResourceUpdate, before: number): void {
    const { changed, problems, store } = this.#ports;
    const { kind } = update.id;
    const name = resourceName(update.id);
    if (kind === 'FelixConfiguration' || kind === 'Node') this.#ports.layersChanged();
    problems.report(name, update.problems);
    store.apply(update);
    changed.add(name, changeOf(before, store.counts.get(kind) ?? 0));
  }

  #takeSaved({ revision, takenAt }: Extract<SourceEvent, { readonly kind: 'saved' }>): void {
    this.#isSaved = true;
    this.#revision = revision;
    this.#ports.logger.warn(
      { revision, takenAt: new Date(takenAt).toISOString() },
      'the datastore is out of reach: what was saved of it is enforced',
    );
  }

  #lose(error: Error): void {
    this.#ports.observer.connected(false);
    this.#ports.logger.warn({ error: error.message }, 'datastore lost: the rules in force stay');
  }

  #askGate(): boolean {
    const { gate: decide, problems, source, store } = this.#ports;
    const gate = decide(store.clusterInformation);
    problems.report('gate', gate.isOpen ? [] : [gate.problem]);
    const opensAgain = gate.isOpen && !this.#isOpen;
    this.#isOpen = gate.isOpen;
    if (!opensAgain) return gate.isOpen;
    // What was seen while the datastore was not ready may be half a migration: list again.
    this.#isInSync = false;
    source.resync();
    return false;
  }
}
