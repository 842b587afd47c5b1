import { allSelector } from '../selector/combine.ts';
import type { Contributor } from './contributor-book.ts';
import type { LabelIndex, MatchListener } from './label-index.ts';
import { STEP } from './list-change.ts';
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

/** What one contributor means to one set, and is not in its members yet. */
interface Waiting {
  readonly live: LiveSet;
  readonly contributor: Contributor;
  readonly isMatched: boolean;
}

/**
 * The sets in use. What contributors of many networks mean to a set waits until it is asked for, or until somebody has
 * time for it; what comes behind waits as well.
 */
export class LiveSets {
  readonly #index: Pick<LabelIndex<Contributor>, 'subscribe'>;
  readonly #sets = new Map<string, LiveSet>();
  readonly #dirty = new Set<LiveSet>();
  #used: ReadonlyMap<string, SetDefinition> = new Map();
  /** Done in part perhaps; they go together. */
  readonly #waiting: Waiting[] = [];
  #working: Generator<undefined, void> | null = null;
  #failure: { readonly error: unknown } | null = null;
  #published: ReadonlyMap<string, MemberSet> = new Map();

  /** Of those whose labels are in this index. */
  constructor(index: Pick<LabelIndex<Contributor>, 'subscribe'>) {
    this.#index = index;
  }

  get(id: string): LiveSet | undefined {
    return this.#sets.get(id);
  }

  /** Makes exactly the sets of `definitions` (by id) live; nothing for the map of the last time. */
  use(definitions: ReadonlyMap<string, SetDefinition>): void {
    if (definitions === this.#used) return;
    this.#used = definitions;
    this.expect(definitions);
  }

  /** Makes them live beside those of the last `use`. */
  expect(definitions: ReadonlyMap<string, SetDefinition>): void {
    for (const [id, live] of this.#sets)
      if (!definitions.has(id) && !this.#used.has(id)) this.#drop(id, live);
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

  /** Takes in what waits, in steps of about a millisecond. */
  *settle(): Generator<undefined, void> {
    while (this.#step()) yield;
  }

  /** The live sets by id; the same map and the same sets as long as nothing in them changed. */
  publish(): ReadonlyMap<string, MemberSet> {
    while (this.#step());
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

  #drop(id: string, live: LiveSet): void {
    live.stop();
    this.#sets.delete(id);
    this.#dirty.delete(live);
    if (this.#published.has(id)) this.#published = without(this.#published, id);
  }

  #create(definition: SetDefinition): LiveSet {
    const live: LiveSet = {
      definition,
      ipv4: new LiveMembers(),
      ipv6: new LiveMembers(),
      stop: () => undefined,
      published: null,
      matched: (contributor) => {
        this.#hear({ live, contributor, isMatched: true });
      },
      unmatched: (contributor) => {
        this.#hear({ live, contributor, isMatched: false });
      },
    };
    return live;
  }

  #hear(heard: Waiting): void {
    if (this.#failure !== null) return;
    const { live, contributor } = heard;
    this.#dirty.add(live);
    if (this.#waiting.length > 0 || isLarge(contributor)) this.#waiting.push(heard);
    else for (const member of membersOf(live.definition, contributor)) take(heard, member);
  }

  // Whether there is more to do. After a failure nobody knows what sets have: it goes on failing.
  #step(): boolean {
    if (this.#failure !== null) throw this.#failure.error;
    if (this.#waiting.length === 0) return false;
    this.#working ??= this.#work();
    try {
      if (this.#working.next().done !== true) return true;
    } catch (error) {
      this.#failure = { error };
      this.#waiting.length = 0;
      throw error;
    }
    this.#working = null;
    this.#waiting.length = 0;
    return false;
  }

  *#work(): Generator<undefined, void> {
    let taken = 0;
    for (const heard of this.#waiting) {
      const { live, contributor } = heard;
      if (++taken % MEMBERS_PER_STEP === 0) yield;
      // Nobody uses it any more.
      if (this.#sets.get(live.definition.id) !== live) continue;
      for (const member of membersOf(live.definition, contributor)) {
        take(heard, member);
        if (++taken % MEMBERS_PER_STEP === 0) yield;
      }
    }
  }
}

const MEMBERS_PER_STEP = 1000;

function isLarge({ nets }: Contributor): boolean {
  return typeof nets !== 'string' && nets.length > STEP;
}

function take({ live, isMatched }: Waiting, member: string): void {
  const members = member.includes(':') ? live.ipv6 : live.ipv4;
  if (isMatched) members.add(member);
  else members.remove(member);
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
