/**
 * One key of the datastore as it stands now. Existence is decided by `value` alone: `null` means the key
 * is gone. Sources deliver only keys under `/calico/resources/v3/projectcalico.org/`.
 */
export interface RawUpdate {
  /** The full key, `/calico/resources/v3/projectcalico.org/<plural>/[<namespace>/]<name>`. */
  readonly key: string;
  /** The stored bytes, or null when the key does not exist (any more). */
  readonly value: Uint8Array | null;
  /** The revision that set this state (etcd ModRevision; 0 where the medium has none). */
  readonly revision: number;
}

/** Where every Calico resource lives in the datastore (Calico v3, etcdv3 backend). */
export const RESOURCE_PREFIX = '/calico/resources/v3/projectcalico.org/';

/** Bytes to keep: the same, or a copy where they are a small part of something that would be kept with them. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  return isOwner(bytes) ? bytes : Uint8Array.from(bytes);
}

/** The same bytes. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// A network set of some thousand networks.
const LARGE_BYTES = 64 * 1024;

/** Whether these are large and most of what is kept with them: mostly a network set, whose reader keeps them anyway. */
export function isLarge(bytes: Uint8Array): boolean {
  return bytes.length >= LARGE_BYTES && isOwner(bytes);
}

/** Whether `ownBytes` answers the same. */
function isOwner(bytes: Uint8Array): boolean {
  return bytes.length * 2 > bytes.buffer.byteLength;
}
