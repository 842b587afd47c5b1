import { allSelector } from '../selector/combine.ts';
import type { Contributor } from './contributor-book.ts';
import type { LabelIndex, MatchListener } from './label-index.ts';
import { LiveMembers } from './live-members.ts';
import type { MemberSet } from './local-policy.ts';
import { describeSet, membersOf } from './set-definition.ts';
import type { SetDefinition } from './set-definition.ts';

/** A set in use, which hears of who matches. */
export interface LiveSet extends MatchListener<Contributor> {
  readonly definition: SetDefinition;
  readonly ipv4: LiveMembers;
  readonly ipv6: LiveMembers;
  stop: () => void;
  published: MemberSet | null;
}

/** The sets in use. */
export class LiveSets {
  readonly #index: Pick<LabelIndex<Contributor>, 'subscribe'>;
  readonly #sets = new Map<string, LiveSet>();
  readonly #dirty = new Set<LiveSet>();
  #published: ReadonlyMap<string, MemberSet> = new Map();

  /** Of those whose labels are in this index. */
  constructor(index: Pick<LabelIndex<Contributor>, 'subscribe'>) {
    this.#index = index;
  }

  get(id: string): LiveSet | undefined {
    return this.#sets.get(id);
  }

  /** Makes exactly the sets of `definitions` (by id) live; new ones are filled before this returns. */
  use(definitions: ReadonlyMap<string, SetDefinition>): void {
    for (const [id, live] of this.#sets) {
      if (definitions.has(id)) continue;
      live.stop();
      this.#sets.delete(id);
      this.#dirty.delete(live);
      this.#published = without(this.#published, id);
    }
    const fresh = [...definitions.values()].filter(({ id }) => !this.#sets.has(id));
    const live = fresh.map((definition) => this.#create(definition));
    const stops = this.#index.subscribe(
      live.map((listener) => ({
        selector: listener.definition.selector ?? allSelector,
        listener,
      })),
    );
    for (const [i, listener] of live.entries()) {
      listener.stop = stops[i] ?? listener.stop;
      this.#sets.set(listener.definition.id, listener);
      this.#dirty.add(listener);
    }
  }

  /** The live sets by id; the same map and the same sets as long as nothing in them changed. */
  publish(): ReadonlyMap<string, MemberSet> {
    const changed = [...this.#dirty].filter((live) => !isPublished(live));
    this.#dirty.clear();
    if (changed.length === 0) return this.#published;
    const published = new Map(this.#published);
    for (const live of changed) {
      live.published = memberSet(live);
      published.set(live.definition.id, live.published);
    }
    this.#published = published;
    return published;
  }

  #create(definition: SetDefinition): LiveSet {
    const live: LiveSet = {
      definition,
      ipv4: new LiveMembers(),
      ipv6: new LiveMembers(),
      stop: () => undefined,
      published: null,
      matched: (contributor) => {
        this.#dirty.add(live);
        for (const member of membersOf(definition, contributor)) of(live, member).add(member);
      },
      unmatched: (contributor) => {
        this.#dirty.add(live);
        for (const member of membersOf(definition, contributor)) of(live, member).remove(member);
      },
    };
    return live;
  }
}

function of(live: LiveSet, member: string): LiveMembers {
  return member.includes(':') ? live.ipv6 : live.ipv4;
}

function isPublished({ published, ipv4, ipv6 }: LiveSet): boolean {
  return published !== null && ipv4.isCurrent(published.ipv4) && ipv6.isCurrent(published.ipv6);
}

function memberSet({ definition, ipv4, ipv6 }: LiveSet): MemberSet {
  return {
    id: definition.id,
    kind: definition.kind,
    description: describeSet(definition),
    ipv4: ipv4.view(),
    ipv6: ipv6.view(),
  };
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}
