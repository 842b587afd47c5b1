import { ownBytes } from '../base/raw-update.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import { decodeUpdate } from './decode.ts';
import { findPlainList, nextState } from './large-network-set.ts';
import type { LargeNetworkSet } from './large-network-set.ts';
import { parseKey } from './identify.ts';
import { MAX_OBJECT_BYTES } from './limits.ts';
import { PlainEndpoints } from './plain-endpoints.ts';
import type { NetworkSet, ResourceUpdate } from './resource.ts';

// A set of about a thousand networks; below it reading everything costs less than a millisecond.
const LARGE_BYTES = 16 * 1024;
const NO_PROBLEMS: ResourceUpdate['problems'] = [];

/**
 * Reads the updates of one datastore, in their order. Answers what `decodeUpdate` answers, but the next state of a
 * large network set costs what changed in it: its bytes are remembered. Endpoints of pods, of which there are hundreds of
 * thousands, are not parsed where they are plain.
 */
export class UpdateDecoder {
  readonly #large = new Map<string, LargeNetworkSet>();
  readonly #endpoints = new PlainEndpoints();

  /** See `decodeUpdate`. */
  decode(raw: RawUpdate): ResourceUpdate | null {
    const known = this.#large.get(raw.key);
    const next = known === undefined ? null : nextStateOf(known, raw.value);
    if (next !== null) {
      const { kind, namespace, name } = next.resource;
      this.#large.set(raw.key, { ...next, bytes: ownBytes(next.bytes) });
      return { id: { kind, namespace, name }, resource: next.resource, problems: [] };
    }
    const update = this.#plainEndpoint(raw) ?? decodeUpdate(raw);
    const large = update === null ? null : remembered(raw, update);
    if (large === null) this.#large.delete(raw.key);
    else this.#large.set(raw.key, large);
    return update;
  }

  #plainEndpoint({ key, value }: RawUpdate): ResourceUpdate | null {
    if (value === null || value.length > MAX_OBJECT_BYTES) return null;
    const id = parseKey(key);
    if (id?.kind !== 'WorkloadEndpoint') return null;
    const resource = this.#endpoints.read(value, id);
    return resource === null ? null : { id, resource, problems: NO_PROBLEMS };
  }
}

function nextStateOf(known: LargeNetworkSet, value: RawUpdate['value']): LargeNetworkSet | null {
  return value === null || value.length > MAX_OBJECT_BYTES ? null : nextState(known, value);
}

/**
 * What to remember of a set that was read: that its list alone makes up its networks is proven by reading the object
 * with the list empty. Null for all else, and where anything is wrong with it.
 */
function remembered(
  raw: RawUpdate,
  { resource, problems }: ResourceUpdate,
): LargeNetworkSet | null {
  const { value } = raw;
  if (value === null || value.length < LARGE_BYTES || problems.length > 0) return null;
  // Of a list without items the proof would show nothing.
  if (!isNetworkSet(resource) || resource.nets.length === 0) return null;
  const list = findPlainList(value);
  if (list?.starts.length !== resource.nets.length) return null;
  const empty = Buffer.concat([value.subarray(0, list.from), value.subarray(list.to)]);
  const without = decodeUpdate({ ...raw, value: empty });
  if (without?.problems.length !== 0 || !isEmptied(without.resource, resource)) return null;
  return { ...list, resource, bytes: ownBytes(value) };
}

function isEmptied(empty: ResourceUpdate['resource'], resource: NetworkSet): boolean {
  return JSON.stringify(empty) === JSON.stringify({ ...resource, nets: [] });
}

function isNetworkSet(resource: ResourceUpdate['resource']): resource is NetworkSet {
  return resource?.kind === 'GlobalNetworkSet' || resource?.kind === 'NetworkSet';
}
