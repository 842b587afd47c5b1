import { ownBytes } from '../base/raw-update.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import { decodeUpdate } from './decode.ts';
import { firstState, nextState } from './large-network-set.ts';
import type { LargeNetworkSet, NextState } from './large-network-set.ts';
import { parseKey } from './identify.ts';
import { MAX_OBJECT_BYTES } from './limits.ts';
import { PlainEndpoints } from './plain-endpoints.ts';
import { isNetworkSetKind } from './resource.ts';
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
  #prepared: { readonly raw: RawUpdate; readonly state: State | null } | null = null;

  /** Prepares `decode` of this update in steps of less than a millisecond, where it is a large network set. */
  *approach(raw: RawUpdate): Generator<undefined, void> {
    const { key, value } = raw;
    const known = this.#large.get(key);
    if (value === null || value.length > MAX_OBJECT_BYTES) return;
    let state: State | null = known === undefined ? null : yield* nextState(known, ownBytes(value));
    if (state === null && value.length >= LARGE_BYTES && isNetworkSetKind(parseKey(key)?.kind)) {
      const set = yield* firstState(ownBytes(value), (bytes) =>
        readSmall({ ...raw, value: bytes }),
      );
      state = set === null ? null : { set };
    }
    this.#prepared = { raw, state };
  }

  /** See `decodeUpdate`. */
  decode(raw: RawUpdate): ResourceUpdate | null {
    const state = this.#stateOf(raw);
    if (state === null) {
      this.#large.delete(raw.key);
      return this.#plainEndpoint(raw) ?? decodeUpdate(raw);
    }
    const { set, ...edited } = state;
    const { kind, namespace, name } = set.resource;
    this.#large.set(raw.key, set);
    const id = { kind, namespace, name };
    return { id, resource: set.resource, problems: NO_PROBLEMS, ...edited };
  }

  // Null: not that of a large network set.
  #stateOf(raw: RawUpdate): State | null {
    if (this.#prepared?.raw !== raw) finish(this.approach(raw));
    const prepared = this.#prepared;
    this.#prepared = null;
    return prepared?.raw === raw ? prepared.state : null;
  }

  #plainEndpoint({ key, value }: RawUpdate): ResourceUpdate | null {
    if (value === null || value.length > MAX_OBJECT_BYTES) return null;
    const id = parseKey(key);
    if (id?.kind !== 'WorkloadEndpoint') return null;
    const resource = this.#endpoints.read(value, id);
    return resource === null ? null : { id, resource, problems: NO_PROBLEMS };
  }
}

type State = Pick<NextState, 'set'> & Partial<NextState>;

function finish(steps: Generator<undefined, void>): void {
  while (steps.next().done !== true);
}

function readSmall(raw: RawUpdate): NetworkSet | null {
  const update = decodeUpdate(raw);
  const resource = update?.problems.length === 0 ? update.resource : null;
  return resource?.kind === 'GlobalNetworkSet' || resource?.kind === 'NetworkSet' ? resource : null;
}
