import type { TextList } from '../base/text-list.ts';
import type { EndpointPort, ResourceId } from '../resource/resource.ts';
import { resourceName } from '../resource/resource.ts';
import type { Indexed } from './label-index.ts';

/** Mostly one: a list of one takes three times its room, and there are hundreds of thousands. */
export type Nets = string | TextList;

/** What an endpoint or network set contributes to the sets whose selector it matches. */
export interface Contributor extends Indexed<Contributor> {
  readonly nets: Nets;
  readonly ports: readonly EndpointPort[];
  /** No endpoint, so no policy applies to it. */
  readonly isNetworkSet?: true;
}

/** These nets in the least room. */
export function packNets(nets: TextList): Nets {
  if (nets.length !== 1) return nets;
  const [only] = nets;
  return only ?? nets;
}

/** All of them. */
export function listNets(nets: Nets): TextList {
  return typeof nets === 'string' ? [nets] : nets;
}

/** All of them, one by one. */
export function netsOf(nets: TextList): readonly string[] {
  return isList(nets) ? nets : Array.from(nets);
}

/** `netsOf` in steps of about a millisecond. */
export function* readNets(nets: TextList): Generator<undefined, readonly string[]> {
  if (isList(nets)) return nets;
  const list: string[] = [];
  for (const net of nets) if (list.push(net) % NETS_PER_STEP === 0) yield;
  return list;
}

const NETS_PER_STEP = 1000;

function isList(nets: TextList): nets is readonly string[] {
  return Array.isArray(nets);
}

/** Contributors by who they are. Names within one namespace stand for themselves: put together they would be kept twice. */
export class ContributorBook {
  readonly #places = new Map<string, Map<string, Contributor>>();
  /** What was looked at last, as names come by namespace. */
  #lastId: Pick<ResourceId, 'kind' | 'namespace'> | null = null;
  #lastPlace = '';
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: ResourceId): Contributor | undefined {
    return this.#places.get(this.#placeOf(id))?.get(id.name);
  }

  set(id: ResourceId, contributor: Contributor): void {
    const place = this.#placeOf(id);
    const names = this.#places.get(place) ?? new Map<string, Contributor>();
    const before = names.size;
    names.set(id.name, contributor);
    this.#size += names.size - before;
    if (before === 0) this.#places.set(place, names);
  }

  delete(id: ResourceId): void {
    const place = this.#placeOf(id);
    const names = this.#places.get(place);
    if (names?.delete(id.name) !== true) return;
    this.#size -= 1;
    if (names.size === 0) this.#places.delete(place);
  }

  /** Each with its `resourceName`. */
  *[Symbol.iterator](): Generator<readonly [name: string, contributor: Contributor], void> {
    for (const [place, names] of this.#places) {
      for (const [name, contributor] of names) yield [`${place}${name}`, contributor];
    }
  }

  // What `resourceName` begins with.
  #placeOf(id: ResourceId): string {
    const { kind, namespace } = id;
    if (this.#lastId?.namespace !== namespace || this.#lastId.kind !== kind) {
      this.#lastId = { kind, namespace };
      this.#lastPlace = resourceName({ kind, namespace, name: '' });
    }
    return this.#lastPlace;
  }
}
