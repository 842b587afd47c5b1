import type { RawUpdate } from '../base/raw-update.ts';
import { bytesTag, numberTag } from './wire-reader.ts';
import type { WireReader } from './wire-reader.ts';

/** The fields of etcd's KeyValue that this program reads. */
export const KEY_VALUE = {
  key: bytesTag(1),
  modRevision: numberTag(3),
  value: bytesTag(5),
} as const;

const EMPTY: Uint8Array = Buffer.alloc(0);

/** Reads the KeyValue whose length comes next; its value is a view on the message. */
export function readKeyValue(reader: WireReader): RawUpdate & { readonly value: Uint8Array } {
  let [key, revision, value] = ['', 0, EMPTY];
  for (const end = reader.messageEnd(); reader.at < end;) {
    const tag = reader.number();
    if (tag === KEY_VALUE.key) key = reader.text();
    else if (tag === KEY_VALUE.value) value = reader.bytes();
    else if (tag === KEY_VALUE.modRevision) revision = reader.number();
    else reader.skip(tag);
  }
  return { key, value, revision };
}
