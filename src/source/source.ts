import type { Problem } from '../base/problem.ts';
import type { RawUpdate } from '../base/raw-update.ts';

/** What a source tells its listener, in order. */
export type SourceEvent =
  /** States of keys; one event carries whole revisions (an etcd transaction is never split over two). */
  | { readonly kind: 'updates'; readonly updates: readonly RawUpdate[]; readonly revision: number }
  /**
   * Everything delivered so far is a complete view as of `revision`. Sent after the first list and after
   * every re-list; between a loss and the next `in-sync` the listener keeps what it has.
   */
  | { readonly kind: 'in-sync'; readonly revision: number }
  /**
   * The datastore has not been reached since the start: everything delivered so far is the complete view that was
   * saved at `takenAt` (milliseconds since the epoch). What it says itself follows, at last, as for `in-sync`.
   */
  | { readonly kind: 'saved'; readonly revision: number; readonly takenAt: number }
  /** The datastore cannot be reached or refuses us; what was delivered stays valid. Sent once per outage. */
  | { readonly kind: 'lost'; readonly error: Error }
  /** The present problems of the medium itself (unreadable file, duplicate object); replaces the last list. */
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

export type SourceListener = (event: SourceEvent) => void;

/**
 * A datastore of Calico resources. Contract: after `in-sync`, the states delivered equal the datastore's
 * at that revision; a key deleted while the source was away is delivered with `value: null` before the
 * next `in-sync`; a key is not delivered again with the same revision and value; no error ends a source,
 * it retries for ever until `close`.
 */
export interface Source {
  /** Starts delivering to `listener`; call once. Events never arrive before `start` returns. */
  start(listener: SourceListener): void;
  /** Forgets the connection and lists again, delivering the difference (certificates changed, operator asked). */
  resync(): void;
  /** Stops; resolves when nothing will be delivered any more and all handles are released. */
  close(): Promise<void>;
}

/** A source that can deliver everything once more, also what the listener has already. */
export interface RedeliveringSource extends Source {
  redeliver(): void;
}

/** A directory of manifests that can be read as if some of its files were others. */
export interface StagedSource extends Source {
  /**
   * From now on these texts stand in for the files of their names, which need not exist; an empty map ends it.
   * Resolves once what follows from that has been delivered, with an `in-sync` at the end; not while a file of the
   * directory cannot be read.
   */
  stage(files: ReadonlyMap<string, string>): Promise<void>;
}
