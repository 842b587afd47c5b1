import type { BaseHook, Hook } from '../ruleset/ruleset.ts';
import type { Operation, Transaction } from '../ruleset/transaction.ts';
import { AnonymousSets } from './batch-anonymous.ts';
import { BatchBytes } from './batch-bytes.ts';
import {
  CHAIN,
  COUNTER,
  ELEMENTS,
  HOOK,
  MESSAGE,
  NFNL_MSG_BATCH,
  NFNL_SUBSYS_NFTABLES,
  NLM_F_ACK,
  NLM_F_CREATE,
  OBJECT,
  OBJECT_COUNTER,
  RULE,
  SET,
  TABLE_FLAGS,
} from './batch-constants.ts';
import { writeNamedMap } from './batch-map.ts';
import { beginObject } from './batch-object.ts';
import { writeRule } from './batch-rule.ts';
import { writeElements, writeSet } from './batch-set.ts';
import { encodeOperation } from './encode-transaction.ts';

const HOOKS: Readonly<Record<Hook, number>> = {
  prerouting: 0,
  input: 1,
  forward: 2,
  output: 3,
  postrouting: 4,
};
const ACCEPT = 1;

/** A transaction as the kernel takes it. */
export interface EncodedBatch {
  readonly bytes: Buffer;
  /** Sequence number of the message whose acknowledgement says that all of it was committed. */
  readonly last: number;
}

/** A step that a batch can carry. Objects that we never create are left to nft. */
type BatchOperation = Exclude<Operation, { op: 'delete-foreign' }>;

/** Whether every step can be written as a batch. */
export function isBatchable(transaction: Transaction): transaction is readonly BatchOperation[] {
  return transaction.every(({ op }) => op !== 'delete-foreign');
}

/**
 * Writes a transaction as one batch, which the kernel carries out whole or not at all; yields between pieces
 * of a millisecond's work or less. Throws NftablesError `invalid` like `encodeTransaction`.
 */
export function* encodeBatch(
  transaction: readonly BatchOperation[],
): Generator<undefined, EncodedBatch> {
  const batch = new BatchBytes();
  let sets = 0;
  const nextId = (): number => (sets += 1);
  const anonymous = new AnonymousSets(batch, nextId);
  frame(batch, NFNL_MSG_BATCH.begin);
  for (const operation of transaction) {
    if (operation.op === 'add-elements') {
      writeSet(batch, operation.set, nextId());
      yield* writeElements(batch, MESSAGE.newElements, operation);
    } else if (operation.op === 'delete-elements')
      yield* writeElements(batch, MESSAGE.deleteElements, operation);
    else if (operation.op === 'add-rule') writeRule(batch, anonymous, operation);
    else if (operation.op === 'add-map') {
      encodeOperation(operation);
      writeNamedMap(batch, anonymous, { ...operation, id: nextId() });
    } else writeObject(batch, operation);
    yield;
  }
  batch.flagLast(NLM_F_ACK);
  const last = batch.sequence;
  frame(batch, NFNL_MSG_BATCH.end);
  return { bytes: batch.finish(), last };
}

function frame(batch: BatchBytes, type: number): void {
  batch.begin(type, 0, [0, NFNL_SUBSYS_NFTABLES]);
  batch.end();
}

type ObjectOperation = Exclude<
  BatchOperation,
  { op: 'add-elements' | 'delete-elements' | 'add-rule' | 'add-map' }
>;

function writeObject(batch: BatchBytes, operation: ObjectOperation): void {
  // Names and numbers are checked where they are encoded for nft.
  encodeOperation(operation);
  switch (operation.op) {
    case 'add-table':
      beginObject(batch, MESSAGE.newTable, NLM_F_CREATE);
      batch.u32(TABLE_FLAGS, 0);
      break;
    case 'delete-table':
      beginObject(batch, MESSAGE.deleteTable, 0);
      break;
    case 'add-counter':
      writeCounter(batch, operation.name);
      break;
    case 'add-chain':
      writeChain(batch, operation.name, operation.base);
      break;
    case 'delete-counter':
      beginObject(batch, MESSAGE.deleteObject, 0);
      batch.text(OBJECT.name, operation.name);
      batch.u32(OBJECT.type, OBJECT_COUNTER);
      break;
    case 'flush-set':
      beginObject(batch, MESSAGE.deleteElements, 0);
      batch.text(ELEMENTS.set, operation.name);
      break;
    case 'delete-set':
    case 'delete-map':
      beginObject(batch, MESSAGE.deleteSet, 0);
      batch.text(SET.name, operation.name);
      break;
    case 'flush-chain':
      beginObject(batch, MESSAGE.deleteRule, 0);
      batch.text(RULE.chain, operation.name);
      break;
    case 'delete-chain':
      beginObject(batch, MESSAGE.deleteChain, 0);
      batch.text(CHAIN.name, operation.name);
  }
  batch.end();
}

function writeCounter(batch: BatchBytes, name: string): void {
  beginObject(batch, MESSAGE.newObject, NLM_F_CREATE);
  batch.text(OBJECT.name, name);
  batch.u32(OBJECT.type, OBJECT_COUNTER);
  const data = batch.open(OBJECT.data);
  batch.u64(COUNTER.bytes, 0);
  batch.u64(COUNTER.packets, 0);
  batch.close(data);
}

function writeChain(batch: BatchBytes, name: string, base: BaseHook | null): void {
  beginObject(batch, MESSAGE.newChain, NLM_F_CREATE);
  batch.text(CHAIN.name, name);
  if (base === null) return;
  const hook = batch.open(CHAIN.hook);
  batch.u32(HOOK.number, HOOKS[base.hook]);
  batch.u32(HOOK.priority, base.priority);
  batch.close(hook);
  batch.u32(CHAIN.policy, ACCEPT);
  batch.text(CHAIN.type, 'filter');
}
