import { NftablesError } from '../base/errors.ts';
import type {
  CounterValue,
  ForeignKind,
  TableContents,
  TableInventory,
  Transaction,
} from '../ruleset/transaction.ts';
import { encodeTransaction } from './encode-transaction.ts';
import { applyToTable, copyTable, emptyTable, foreignKey } from './memory-table.ts';
import type { MemoryTable } from './memory-table.ts';
import type { Applied, ForeignChange, Nftables, WatchState } from './nftables.ts';
import { SerialQueue } from './serial-queue.ts';
import { validateCalls } from './validate-calls.ts';

/** Methods that `failNext` can make fail. */
export type FailingMethod = 'apply' | 'check' | 'read' | 'counters' | 'list' | 'verify';

/** Nftables without a kernel, which accepts and refuses what nft 1.0.6 on Linux 6.x does. For tests and dry runs. */
export class MemoryNftables implements Nftables {
  readonly info = { transport: 'memory', version: 'memory', editsSets: true } as const;
  readonly #queue = new SerialQueue();
  readonly #listeners = new Set<(change: ForeignChange) => void>();
  readonly #failures = new Map<FailingMethod, Error[]>();
  readonly #counts = new Map<string, { readonly packets: number; readonly bytes: number }>();
  #table: MemoryTable | null = null;
  #watchState: WatchState = 'heard';
  #closed = false;

  apply(transaction: Transaction): Promise<Applied> {
    return this.#enqueue('apply', () => {
      this.#table = carryOut(this.#table, transaction);
      this.#forgetCounts();
      return { operations: transaction.length, durationMs: 0 };
    });
  }

  check(transaction: Transaction): Promise<void> {
    return this.#enqueue('check', () => {
      carryOut(this.#table, transaction);
    });
  }

  read(): Promise<TableInventory | null> {
    return this.#enqueue('read', () => {
      const table = this.#table;
      if (table === null) return null;
      return {
        chains: Array.from(table.chains.values(), ({ name, base }) => ({ name, base })),
        sets: Array.from(table.sets.keys(), (name) => ({ name })),
        maps: Array.from(table.maps.keys(), (name) => ({ name })),
        counters: this.#values(table),
        foreign: [...table.foreign.values()],
      };
    });
  }

  counters(): Promise<readonly CounterValue[]> {
    return this.#enqueue('counters', () => (this.#table === null ? [] : this.#values(this.#table)));
  }

  /** The table as the JSON commands that would build it, one a line. */
  list(): Promise<string> {
    return this.#enqueue('list', () =>
      this.#table === null
        ? ''
        : encodeTransaction(rebuild(this.contents()))
            .map((command) => `${JSON.stringify(command)}\n`)
            .join(''),
    );
  }

  watch(listener: (change: ForeignChange) => void): () => void {
    const entry = (change: ForeignChange): void => {
      listener(change);
    };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  verify(): Promise<WatchState> {
    return this.#enqueue('verify', () => {
      const state = this.#watchState;
      if (state === 'missed') this.#watchState = 'heard';
      return state;
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    return Promise.resolve();
  }

  /** Whether there is a table at all. */
  get exists(): boolean {
    return this.#table !== null;
  }

  /** What the table holds now; nothing when there is none. */
  contents(): TableContents {
    const table = this.#table ?? emptyTable();
    return {
      chains: new Map(
        Array.from(table.chains, ([key, { name, base, rules }]) => [key, { name, base, rules }]),
      ),
      sets: new Map(
        Array.from(table.sets, ([name, { declaration, elements }]) => [
          name,
          { ...declaration, elements: new Set(elements.values()) },
        ]),
      ),
      counters: new Set(table.counters),
    };
  }

  /** The next call of `method` (`apply` unless said otherwise) rejects with `error` and changes nothing. */
  failNext(error: Error, method: FailingMethod = 'apply'): void {
    this.#failures.set(method, [...(this.#failures.get(method) ?? []), error]);
  }

  /** Lets packets hit a counter. */
  count(name: string, packets: number, bytes: number): void {
    const before = this.#counts.get(name) ?? { packets: 0, bytes: 0 };
    this.#counts.set(name, { packets: before.packets + packets, bytes: before.bytes + bytes });
  }

  /** Puts an object of a kind that we never create into the table, as somebody else would. */
  putForeign(kind: ForeignKind, name: string): void {
    this.#table ??= emptyTable();
    this.#table.foreign.set(foreignKey(kind, name), { kind, name });
    this.#tell({ what: `${kind} ${name} added`, process: null });
  }

  /** Carries out a transaction as another process, unheard: `verify` tells. Throws NftablesError. */
  tamperUnheard(transaction: Transaction, state: WatchState = 'missed'): void {
    this.#table = carryOut(this.#table, transaction);
    this.#forgetCounts();
    this.#watchState = state;
  }

  /** Carries out a transaction as another process and tells the watchers. Throws NftablesError. */
  tamper(transaction: Transaction, change: ForeignChange): void {
    this.#table = carryOut(this.#table, transaction);
    this.#forgetCounts();
    this.#tell(change);
  }

  #tell(change: ForeignChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  #values(table: MemoryTable): readonly CounterValue[] {
    return Array.from(table.counters, (name) => ({
      name,
      ...(this.#counts.get(name) ?? { packets: 0, bytes: 0 }),
    }));
  }

  #forgetCounts(): void {
    for (const name of this.#counts.keys())
      if (this.#table?.counters.has(name) !== true) this.#counts.delete(name);
  }

  #enqueue<T>(method: FailingMethod, task: () => T): Promise<T> {
    if (this.#closed)
      return Promise.reject(new NftablesError('unknown', 'the nftables transport is closed'));
    return this.#queue.run(async () => {
      const failure = this.#failures.get(method)?.shift();
      await Promise.resolve();
      if (failure !== undefined) throw failure;
      return task();
    });
  }
}

// Works on a copy: whatever throws leaves the table as it was.
function carryOut(before: MemoryTable | null, transaction: Transaction): MemoryTable | null {
  encodeTransaction(transaction);
  let table = before === null ? null : copyTable(before);
  for (const operation of transaction) {
    if (operation.op === 'add-table') table ??= emptyTable();
    else if (table === null) throw new NftablesError('not-found', 'there is no table inet rampart');
    else if (operation.op === 'delete-table') table = null;
    else applyToTable(table, operation);
  }
  if (table !== null) validateCalls(table.chains);
  return table;
}

function rebuild({ chains, sets, counters }: TableContents): Transaction {
  return [
    { op: 'add-table' },
    ...Array.from(counters, (name) => ({ op: 'add-counter', name }) as const),
    ...Array.from(
      sets.values(),
      ({ elements, ...set }) => ({ op: 'add-elements', set, elements: [...elements] }) as const,
    ),
    ...Array.from(chains.values(), ({ name, base }) => ({ op: 'add-chain', name, base }) as const),
    ...Array.from(chains.values()).flatMap(({ name, rules }) =>
      rules.map((rule) => ({ op: 'add-rule', chain: name, rule }) as const),
    ),
  ];
}
