import type { Cancel, Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import type { Result } from '../base/result.ts';
import type { RedeliveringSource, Source, SourceEvent, SourceListener } from '../source/source.ts';
import type { SavedView } from './snapshot-format.ts';

/** How long a start waits for a datastore that neither answers nor refuses. */
export const OFFLINE_AFTER_MS = 5_000;

/** What is told about what the inner source says, before it is passed on. */
export interface OfflineInputs {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly read: () => Result<SavedView, string> | null;
  /** What the datastore itself delivered. */
  readonly delivered: (updates: readonly RawUpdate[], revision: number) => void;
  /** Everything that the datastore holds has been delivered. */
  readonly complete: () => void;
}

type State =
  /** Nothing complete has arrived; keys that did are in `seen`. */
  | { readonly kind: 'waiting'; readonly seen: string[] }
  /** The listener has the saved view; what the datastore says is held back until that is complete. */
  | {
      readonly kind: 'saved';
      readonly view: SavedView;
      readonly held: Map<string, RawUpdate>;
    }
  | { readonly kind: 'live' };

/**
 * A datastore that was saved: while it is away at the start the listener gets the saved view, and the difference
 * to that as soon as the datastore's own first view is complete.
 */
export class OfflineSource implements Source {
  readonly #inner: RedeliveringSource;
  readonly #inputs: OfflineInputs;
  #listener: SourceListener = () => undefined;
  #state: State = { kind: 'waiting', seen: [] };
  #refused: string | null = null;
  #wasRead = false;
  #cancel: Cancel = () => undefined;

  constructor(inner: RedeliveringSource, inputs: OfflineInputs) {
    this.#inner = inner;
    this.#inputs = inputs;
  }

  start(listener: SourceListener): void {
    this.#listener = listener;
    this.#cancel = this.#inputs.clock.after(OFFLINE_AFTER_MS, () => {
      if (this.#state.kind === 'waiting' && this.#state.seen.length === 0) this.#goOffline();
    });
    this.#inner.start((event) => {
      this.#heard(event);
    });
  }

  resync(): void {
    this.#inner.resync();
  }

  async close(): Promise<void> {
    this.#cancel();
    await this.#inner.close();
  }

  /** That a saved view is enforced, or that there is one which cannot be. */
  faults(): readonly { readonly code: string; readonly message: string }[] {
    if (this.#state.kind === 'saved') {
      const { revision, takenAt } = this.#state.view;
      const at = new Date(takenAt).toISOString();
      const message = `the datastore has been out of reach since the start: what it held at revision ${revision}, saved ${at}, is enforced. Changes since then are not. Make the datastore reachable again`;
      return [{ code: 'snapshot-in-force', message }];
    }
    if (this.#refused === null || this.#state.kind === 'live') return [];
    const message = `the datastore is out of reach, and what was saved of it cannot be used: ${this.#refused}. The rules in force stay. Make the datastore reachable again`;
    return [{ code: 'snapshot-refused', message }];
  }

  #heard(event: SourceEvent): void {
    switch (event.kind) {
      case 'updates':
        this.#inputs.delivered(event.updates, event.revision);
        if (this.#hold(event.updates)) return;
        break;
      case 'in-sync':
        this.#inputs.complete();
        this.#goLive(event.revision);
        break;
      case 'lost':
        // First: who hears of the loss asks what is enforced.
        this.#goOffline();
        break;
      case 'problems':
      case 'saved':
        break;
    }
    this.#listener(event);
  }

  /** Whether these must not be passed on yet. */
  #hold(updates: readonly RawUpdate[]): boolean {
    const state = this.#state;
    if (state.kind === 'waiting') for (const { key } of updates) state.seen.push(key);
    if (state.kind === 'saved') for (const update of updates) state.held.set(update.key, update);
    return state.kind === 'saved';
  }

  #goOffline(): void {
    if (this.#state.kind !== 'waiting' || this.#wasRead) return;
    const { logger, read } = this.#inputs;
    this.#wasRead = true;
    const saved = read();
    if (saved === null) return;
    if (!saved.ok) {
      this.#refused = saved.error;
      logger.error({ error: saved.error }, 'the saved objects of the datastore are not used');
      return;
    }
    this.#enforce(saved.value, new Set(this.#state.seen));
  }

  #enforce(view: SavedView, seen: ReadonlySet<string>): void {
    const { revision, takenAt, updates } = view;
    this.#state = { kind: 'saved', view, held: new Map() };
    const keys = new Set(updates.map(({ key }) => key));
    const others = [...seen].filter((key) => !keys.has(key));
    this.#listener({ kind: 'updates', updates: [...updates, ...gone(others, revision)], revision });
    this.#listener({ kind: 'saved', revision, takenAt });
    // A part of the first list went out already: what of it the saved view undid must come again.
    if (seen.size > 0) this.#inner.redeliver();
  }

  #goLive(revision: number): void {
    const state = this.#state;
    this.#state = { kind: 'live' };
    this.#cancel();
    if (state.kind !== 'saved') return;
    const absent = state.view.updates.map(({ key }) => key).filter((key) => !state.held.has(key));
    const updates = [...state.held.values(), ...gone(absent, revision)];
    if (updates.length > 0) this.#listener({ kind: 'updates', updates, revision });
  }
}

function gone(keys: readonly string[], revision: number): readonly RawUpdate[] {
  return keys.map((key) => ({ key, value: null, revision }));
}
