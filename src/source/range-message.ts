import type { RawUpdate } from '../base/raw-update.ts';
import { KEY_VALUE, readKeyValue } from './key-value.ts';
import { bytesTag, numberTag, WireReader } from './wire-reader.ts';
import { bytesField, numberField } from './wire-writer.ts';

/** Keys from `from` on, up to, without, `end`; at most `limit`; as of `revision`, 0 for the present one. */
export interface RangeRequest {
  readonly from: Buffer;
  readonly end: Buffer;
  readonly limit: number;
  readonly revision: number;
}

/** What etcd answers to that. */
export interface RangeAnswer {
  /** In the order of their keys. Values are views on the message. */
  readonly updates: readonly RawUpdate[];
  /** Where the keys begin that the limit did not allow for; null where there are none. */
  readonly next: Buffer | null;
  /** Of the whole datastore, when the request was answered. */
  readonly revision: number;
  readonly clusterId: string;
}

/** The request as etcd's RangeRequest. */
export function encodeRange({ from, end, limit, revision }: RangeRequest): Buffer {
  const keys = [bytesField(1, from), bytesField(2, end)];
  return Buffer.concat([...keys, numberField(3, limit), numberField(4, revision)]);
}

/**
 * Reads etcd's RangeResponse: a start reads a hundred thousand keys and values, and needs half of the fields. Throws
 * where the bytes are none.
 */
export function decodeRange(bytes: Buffer): RangeAnswer {
  const reader = new WireReader(bytes);
  const updates: RawUpdate[] = [];
  let [more, last, header] = [false, 0, { revision: 0, clusterId: '0' }];
  while (reader.at < bytes.length) {
    const tag = reader.number();
    if (tag === ITEM) {
      last = reader.at;
      updates.push(readKeyValue(reader));
    } else if (tag === HEADER) header = readHeader(reader);
    else if (tag === MORE) more = reader.number() !== 0;
    else reader.skip(tag);
  }
  const next = more && updates.length > 0 ? afterKey(new WireReader(bytes, last)) : null;
  return { updates, next, ...header };
}

const HEADER = bytesTag(1);
const ITEM = bytesTag(2);
const MORE = numberTag(3);

function readHeader(reader: WireReader): Pick<RangeAnswer, 'revision' | 'clusterId'> {
  let [revision, clusterId] = [0, 0n];
  for (const end = reader.messageEnd(); reader.at < end;) {
    const tag = reader.number();
    if (tag === numberTag(1)) clusterId = reader.bigNumber();
    else if (tag === numberTag(3)) revision = reader.number();
    else reader.skip(tag);
  }
  return { revision, clusterId: clusterId.toString() };
}

// From the bytes: the text of a key that is not UTF-8 is another key.
function afterKey(reader: WireReader): Buffer {
  let key: Buffer = Buffer.alloc(0);
  for (const end = reader.messageEnd(); reader.at < end;) {
    const tag = reader.number();
    if (tag === KEY_VALUE.key) key = reader.bytes();
    else reader.skip(tag);
  }
  return Buffer.concat([key, Buffer.of(0)]);
}
