import type { RawUpdate } from '../base/raw-update.ts';
import { readKeyValue } from './key-value.ts';
import { bytesTag, numberTag, WireReader } from './wire-reader.ts';
import { bytesField, numberField } from './wire-writer.ts';

/** What a watch may ask of etcd. */
export type WatchRequest =
  /** To hear of keys from `from` on, up to, without, `end`, from `revision` on, and now and then that nothing has changed. */
  | {
      readonly kind: 'create';
      readonly from: Buffer;
      readonly end: Buffer;
      readonly revision: number;
    }
  /** To say up to which revision everything was told. */
  | { readonly kind: 'progress' };

/** What etcd says on a watch. */
export interface WatchAnswer {
  /** Of the whole datastore. */
  readonly revision: number;
  /** It answers a `progress` request: etcd gives it the watch id -1. */
  readonly isProgress: boolean;
  readonly isCreated: boolean;
  readonly isCanceled: boolean;
  /** Where the watch was to begin before it, 0 otherwise. */
  readonly compactRevision: number;
  readonly cancelReason: string;
  /** Changes in their order. Values are views on the message. */
  readonly updates: readonly RawUpdate[];
}

/** The request as etcd's WatchRequest. */
export function encodeWatch(request: WatchRequest): Buffer {
  if (request.kind === 'progress') return bytesField(3, Buffer.alloc(0));
  const { from, end, revision } = request;
  const create = [bytesField(1, from), bytesField(2, end), numberField(3, revision)];
  return bytesField(1, Buffer.concat([...create, numberField(4, 1)]));
}

/** Reads etcd's WatchResponse. Throws where the bytes are none. */
export function decodeWatch(bytes: Buffer): WatchAnswer {
  const reader = new WireReader(bytes);
  const updates: RawUpdate[] = [];
  let [revision, isProgress, isCreated, isCanceled] = [0, false, false, false];
  let [compactRevision, cancelReason] = [0, ''];
  while (reader.at < bytes.length) {
    const tag = reader.number();
    if (tag === EVENT) updates.push(readEvent(reader));
    else if (tag === HEADER) revision = readRevision(reader);
    else if (tag === WATCH_ID) isProgress = reader.bigNumber() === MINUS_ONE;
    else if (tag === CREATED) isCreated = reader.number() !== 0;
    else if (tag === CANCELED) isCanceled = reader.number() !== 0;
    else if (tag === COMPACT_REVISION) compactRevision = reader.number();
    else if (tag === CANCEL_REASON) cancelReason = reader.text();
    else reader.skip(tag);
  }
  return { revision, isProgress, isCreated, isCanceled, compactRevision, cancelReason, updates };
}

const HEADER = bytesTag(1);
const WATCH_ID = numberTag(2);
const CREATED = numberTag(3);
const CANCELED = numberTag(4);
const COMPACT_REVISION = numberTag(5);
const CANCEL_REASON = bytesTag(6);
const EVENT = bytesTag(11);
// An int64: ten bytes.
const MINUS_ONE = 2n ** 64n - 1n;

const REVISION = numberTag(3);

function readRevision(reader: WireReader): number {
  let revision = 0;
  for (const end = reader.messageEnd(); reader.at < end;) {
    const tag = reader.number();
    if (tag === REVISION) revision = reader.number();
    else reader.skip(tag);
  }
  return revision;
}

const EVENT_TYPE = numberTag(1);
const EVENT_KEY_VALUE = bytesTag(2);
const DELETED = 1;

function readEvent(reader: WireReader): RawUpdate {
  let [type, update] = [0, NOTHING];
  for (const end = reader.messageEnd(); reader.at < end;) {
    const tag = reader.number();
    if (tag === EVENT_TYPE) type = reader.number();
    else if (tag === EVENT_KEY_VALUE) update = readKeyValue(reader);
    else reader.skip(tag);
  }
  return type === DELETED ? { ...update, value: null } : update;
}

const NOTHING: RawUpdate = { key: '', value: null, revision: 0 };
