import type { CounterValue, TableInventory, Transaction } from '../ruleset/transaction.ts';

/** What is known of the transport in use. */
export interface TransportInfo {
  /** `library`: netlink and libnftables in this process. `process`: the nft program. `memory`: no kernel. */
  readonly transport: 'library' | 'process' | 'memory';
  /** Version of nftables in use, such as `1.0.6`. */
  readonly version: string;
  /** Whether deleting single elements costs little, and may stand beside additions to the same set. */
  readonly editsSets: boolean;
}

/** A transaction that landed. */
export interface Applied {
  readonly operations: number;
  /** Time from the call to the kernel's answer, milliseconds. */
  readonly durationMs: number;
}

/** Somebody else changed our table, or the whole ruleset. */
export interface ForeignChange {
  /** What happened, for people: `table inet rampart deleted`. */
  readonly what: string;
  /** Who did it, as far as the kernel says; null when it does not. */
  readonly process: { readonly pid: number; readonly name: string } | null;
}

/**
 * What is known of the changes that others make. `heard`: nothing went unheard since the last call. `missed`:
 * something did, so that the table may have changed. `unwatched`: the kernel tells us nothing.
 */
export type WatchState = 'heard' | 'missed' | 'unwatched';

/**
 * The kernel's nf_tables, restricted to `table inet rampart`. All methods reject with NftablesError.
 * Calls are carried out one after another, in the order in which they were made.
 */
export interface Nftables {
  readonly info: TransportInfo;
  /** Runs the transaction: whole, or not at all. After a rejection only `read` tells what is there. */
  apply(transaction: Transaction): Promise<Applied>;
  /** Asks whether `apply` would succeed now, without changing anything. */
  check(transaction: Transaction): Promise<void>;
  /** What our table holds; null when there is no such table. */
  read(): Promise<TableInventory | null>;
  /** Values of all named counters of our table; empty without a table. */
  counters(): Promise<readonly CounterValue[]>;
  /** Our table in nft's own syntax, as `nft list table inet rampart` prints it; empty without a table. */
  list(): Promise<string>;
  /** Calls `listener` soon after another process changed our table. Returns a function that stops it. */
  watch(listener: (change: ForeignChange) => void): () => void;
  /** Asks the kernel whether `watch` heard of everything; cheap, whatever the table holds. */
  verify(): Promise<WatchState>;
  close(): Promise<void>;
}
