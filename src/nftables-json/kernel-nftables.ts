import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import { NftablesError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { openNetlink } from '../netlink/netlink-socket.ts';
import type { NetlinkSocket } from '../netlink/netlink-socket.ts';
import { NETLINK } from '../netlink/protocols.ts';
import { TABLE } from '../ruleset/ruleset.ts';
import type { CounterValue, TableInventory, Transaction } from '../ruleset/transaction.ts';
import type { BatchOutcome, BatchRunner } from './batch-runner.ts';
import { encodeBatch, isBatchable } from './encode-batch.ts';
import type { EncodedBatch } from './encode-batch.ts';
import { describeOperation } from './encode-transaction.ts';
import { KnownSets } from './known-sets.ts';
import { locateRefusal } from './locate-refusal.ts';
import { errorKind, nftError } from './nft-error.ts';
import type { NftAnswer, NftRunner } from './nft-runner.ts';
import type { Applied, ForeignChange, Nftables, TransportInfo, WatchState } from './nftables.ts';
import { dumpObjects } from './object-dump.ts';
import type { StatefulObjects } from './object-dump.ts';
import { parseInventory } from './parse-inventory.ts';
import { SerialQueue } from './serial-queue.ts';
import { TableWatch } from './table-watch.ts';
import { isRemovable, textDeletions } from './text-deletions.ts';
import { transactionText } from './transaction-text.ts';

const TABLE_NAME = `${TABLE.family} ${TABLE.name}`;

// Headers only: on nft 1.0.6 each of these leaves set elements where they are, `list table` does not.
const INVENTORY = [
  `list chains ${TABLE.family}`,
  `list sets table ${TABLE_NAME}`,
  `list maps ${TABLE.family}`,
  `list flowtables ${TABLE.family}`,
].join('\n');

// No batch was sent: nft's answer is the only one.
const UNTRIED = '';
// Encoding gives way to the event loop after this long.
const SLICE_MS = 4;
// Notifications of a smaller batch cost less than doing without them.
const UNHEARD_BYTES = 32 * 1024;
// Looking for the guilty operation repeats the transaction: not worth it, or harmful, beyond this.
const LOCATE_BYTES = 256 * 1024;
// Failures that are about the state of the machine and not about an operation.
const NOT_LOCATED = new Set(['permission', 'resources', 'timeout']);

/** What every transport needs. */
export interface KernelOptions {
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * The port over any way of running nft: queueing, encoding, judging answers, reading, watching. With `batches`
 * transactions go to the kernel directly; nft gets what a batch cannot carry, and what the kernel refused, to say
 * why or to do it after all.
 */
export class KernelNftables implements Nftables {
  readonly info: TransportInfo;
  readonly #runner: NftRunner;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #batches: BatchRunner | null;
  readonly #sets = new KnownSets();
  readonly #queue = new SerialQueue();
  readonly #watch: TableWatch;
  #socket: NetlinkSocket | null = null;
  #netlinkFailed = false;
  #closed = false;

  constructor(
    runner: NftRunner,
    { logger, clock }: KernelOptions,
    batches: BatchRunner | null = null,
  ) {
    this.info = { ...runner.info, editsSets: batches !== null };
    this.#runner = runner;
    this.#batches = batches;
    this.#clock = clock;
    this.#logger = logger;
    const batchPort = batches?.portId ?? null;
    const isOwnPort = (portId: number): boolean => runner.isOwnPort(portId) || portId === batchPort;
    this.#watch = new TableWatch({ clock, logger, batchPort, isOwnPort });
  }

  apply(transaction: Transaction): Promise<Applied> {
    return this.#submit(transaction, false);
  }

  async check(transaction: Transaction): Promise<void> {
    await this.#submit(transaction, true);
  }

  read(): Promise<TableInventory | null> {
    return this.#enqueue(async () => {
      const objects = await this.#objects();
      const listing = objects === null ? `list table ${TABLE_NAME}` : INVENTORY;
      const answer = await this.#runner.query(listing, 'json');
      if (isMissing(answer)) return null;
      const inventory = parseInventory(outputOf(answer));
      return objects === null ? inventory : join(inventory, objects);
    });
  }

  counters(): Promise<readonly CounterValue[]> {
    return this.#enqueue(async () => {
      const objects = await this.#objects();
      if (objects !== null) return objects.counters;
      const answer = await this.#runner.query(`list table ${TABLE_NAME}`, 'json');
      return isMissing(answer) ? [] : parseInventory(outputOf(answer)).counters;
    });
  }

  list(): Promise<string> {
    return this.#enqueue(async () => {
      const answer = await this.#runner.query(`list table ${TABLE_NAME}`, 'text');
      return isMissing(answer) ? '' : outputOf(answer);
    });
  }

  watch(listener: (change: ForeignChange) => void): () => void {
    // In the queue, so that what is called after `watch` happens while we listen.
    void this.#queue.run(() => this.#watch.open());
    return this.#watch.add(listener);
  }

  verify(): Promise<WatchState> {
    return this.#enqueue(() => this.#watch.verify());
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.run(async () => {
      this.#watch.close();
      this.#socket?.close();
      this.#batches?.close();
      await this.#runner.close();
    });
  }

  async #submit(transaction: Transaction, dryRun: boolean): Promise<Applied> {
    const started = this.#clock.monotonic();
    await this.#enqueue(() => this.#execute(transaction, dryRun));
    return { operations: transaction.length, durationMs: this.#clock.monotonic() - started };
  }

  async #execute(transaction: Transaction, dryRun: boolean): Promise<void> {
    if (transaction.length === 0) return;
    const refusal = dryRun ? UNTRIED : await this.#runBatch(transaction);
    if (refusal !== null) await this.#runNft(transaction, { dryRun, refusal });
    if (!dryRun) this.#sets.landed(transaction);
  }

  async #runNft(
    transaction: Transaction,
    { dryRun, refusal }: { readonly dryRun: boolean; readonly refusal: string },
  ): Promise<void> {
    if (refusal !== UNTRIED && mixesEdits(transaction)) throw new NftablesError('unknown', refusal);
    const document: Buffer[] = [];
    await this.#unhurried(transactionText(transaction), (piece) => {
      document.push(Buffer.from(piece));
    });
    const answer = await this.#runner.execute(document, dryRun);
    if (!answer.ok)
      throw await this.#explain(transaction, byteLength(document), nftError(answer.errors));
    if (refusal !== UNTRIED)
      this.#logger.warn({ reason: refusal }, 'nft carried out what failed as a netlink batch');
    if (!dryRun) await this.#deleteByText(transaction);
  }

  // Null: committed. Otherwise why not.
  async #runBatch(transaction: Transaction): Promise<string | null> {
    if (this.#batches === null || !isBatchable(transaction) || !this.#sets.suit(transaction))
      return UNTRIED;
    const batch = await this.#unhurried(encodeBatch(transaction), () => undefined);
    const outcome = await this.#send(this.#batches, batch, this.#sets.takeLong(transaction));
    return outcome.kind === 'committed' ? null : outcome.reason;
  }

  // Others may change something meanwhile: the watch finds that out.
  async #send(
    batches: BatchRunner,
    batch: EncodedBatch,
    takesLong: boolean,
  ): Promise<BatchOutcome> {
    const generation = batch.bytes.length < UNHEARD_BYTES ? null : await this.#watch.pause();
    if (generation === null) return batches.run(batch, takesLong);
    let isCommitted = false;
    try {
      const outcome = await batches.run(batch, takesLong);
      isCommitted = outcome.kind === 'committed';
      return outcome;
    } finally {
      await this.#watch.resume(generation, isCommitted);
    }
  }

  // Not in the same transaction, which does not matter: nothing refers to them any more.
  async #deleteByText(transaction: Transaction): Promise<void> {
    for (const command of textDeletions(transaction)) {
      const answer = await this.#runner.query(command, 'text');
      if (!answer.ok && !isMissing(answer))
        this.#logger.warn({ command, reason: answer.errors }, 'cannot remove a foreign object');
    }
  }

  // Encoding gives way to the event loop now and then.
  async #unhurried<Piece, Result>(
    pieces: Generator<Piece, Result>,
    take: (piece: Piece) => void,
  ): Promise<Result> {
    let sliceEnd = this.#clock.monotonic() + SLICE_MS;
    for (;;) {
      const next = pieces.next();
      if (next.done === true) return next.value;
      take(next.value);
      if (this.#clock.monotonic() < sliceEnd) continue;
      await nextTurn();
      sliceEnd = this.#clock.monotonic() + SLICE_MS;
    }
  }

  // JSON input has no line numbers, so nft cannot say which command it means: dry runs of the beginning can.
  async #explain(
    transaction: Transaction,
    bytes: number,
    error: NftablesError,
  ): Promise<NftablesError> {
    if (bytes > LOCATE_BYTES || NOT_LOCATED.has(error.kind)) return error;
    const index = await locateRefusal(transaction.length, async (count) => {
      const beginning = transactionText(transaction.slice(0, count));
      const document = Array.from(beginning, (piece) => Buffer.from(piece));
      return (await this.#runner.execute(document, true)).ok;
    });
    const operation = index === null ? undefined : transaction[index];
    if (index === null || operation === undefined) return error;
    const where = `operation ${index + 1} of ${transaction.length}, ${describeOperation(operation)}`;
    return new NftablesError(error.kind, `${where}: ${error.message}`, error.cause);
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closedError());
    return this.#queue.run(task);
  }

  // Null when there is no netlink to ask: nft's listing has the same, at a higher price.
  async #objects(): Promise<StatefulObjects | null> {
    if (this.#netlinkFailed) return null;
    try {
      this.#socket ??= await openNetlink({ protocol: NETLINK.netfilter, groups: [] });
      return await dumpObjects(this.#socket);
    } catch (error) {
      this.#netlinkFailed = true;
      this.#logger.warn({ err: error }, 'cannot ask the kernel for counters; reading nft listings');
      return null;
    }
  }
}

function join(inventory: TableInventory, objects: StatefulObjects): TableInventory {
  return {
    ...inventory,
    counters: objects.counters,
    foreign: [...inventory.foreign, ...objects.foreign].filter(isRemovable),
  };
}

// nft before 1.0.7 loses deletions that stand beside additions to the same interval set. Whoever asked for both
// learns of the failure, and writes the set whole.
function mixesEdits(transaction: Transaction): boolean {
  const deleted = new Set<string>();
  return transaction.some((operation) => {
    if (operation.op === 'delete-elements') deleted.add(operation.set.name);
    return operation.op === 'add-elements' && deleted.has(operation.set.name);
  });
}

function isMissing(answer: NftAnswer): boolean {
  return !answer.ok && errorKind(answer.errors) === 'not-found';
}

function outputOf(answer: NftAnswer): string {
  if (!answer.ok) throw nftError(answer.errors);
  return answer.output;
}

function byteLength(document: readonly Buffer[]): number {
  return document.reduce((sum, piece) => sum + piece.length, 0);
}

function closedError(): NftablesError {
  return new NftablesError('unknown', 'the nftables transport is closed');
}
