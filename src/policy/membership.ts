import { hostText } from '../net/cidr.ts';
import { allSelector } from '../selector/combine.ts';
import type { Selector } from '../selector/selector.ts';
import type { NetList } from '../net/net-list.ts';
import type { EndpointPort, Labels, NetsEdit, ResourceId } from '../resource/resource.ts';
import type { MemberSet } from './local-policy.ts';
import { ContributorBook, listNets, netsOf, packNets, readNets } from './contributor-book.ts';
import type { Contributor } from './contributor-book.ts';
import { LabelIndex } from './label-index.ts';
import type { MatchListener } from './label-index.ts';
import { listChange, STEP, stepsBetween } from './list-change.ts';
import type { ListChange, ListStep } from './list-change.ts';
import { LiveMembers } from './live-members.ts';
import { SharedPorts } from './shared-ports.ts';

/** An endpoint or network set as sets see it. */
export interface Contribution {
  /** Addresses, with or without their prefix length, and CIDRs. */
  readonly nets: NetList;
  readonly ports: readonly EndpointPort[];
  readonly labels: Labels;
  readonly profiles: readonly string[];
  readonly isNetworkSet?: true;
}

/** What a set is made of. */
export type SetDefinition =
  | { readonly kind: 'selector'; readonly id: string; readonly selector: Selector }
  | {
      readonly kind: 'named-port';
      readonly id: string;
      /** Null: every endpoint. */
      readonly selector: Selector | null;
      /** Null: any protocol. */
      readonly protocol: number | null;
      /** Any of them. */
      readonly names: readonly string[];
    };

interface LiveSet extends MatchListener<Contributor> {
  readonly definition: SetDefinition;
  readonly ipv4: LiveMembers;
  readonly ipv6: LiveMembers;
  stop: () => void;
  published: MemberSet | null;
}

/**
 * The sets in use and their members, kept up to date change by change: one address more on one endpoint
 * is one member more in each set that the endpoint belongs to.
 */
export class Membership {
  readonly #index = new LabelIndex<Contributor>();
  readonly #contributors = new ContributorBook();
  readonly #sets = new Map<string, LiveSet>();
  #published: ReadonlyMap<string, MemberSet> = new Map();
  readonly #dirty = new Set<LiveSet>();
  readonly #ports = new SharedPorts();

  /** Number of endpoints and network sets known. */
  get size(): number {
    return this.#contributors.size;
  }

  /** Adds or changes what an object contributes; null removes it. */
  setContributor(id: ResourceId, next: Contribution | null): void {
    const previous = this.#contributors.get(id);
    if (next === null) {
      if (previous === undefined) return;
      this.#contributors.delete(id);
      this.#index.delete(previous);
      return;
    }
    const contributor = this.#contributorOf(next);
    if (previous === undefined) {
      this.#contributors.set(id, contributor);
      this.#index.set(contributor, next.labels, next.profiles);
    } else if (sameContribution(previous, contributor)) {
      this.#index.set(previous, next.labels, next.profiles);
    } else {
      this.#contributors.set(id, contributor);
      this.#replace(previous, contributor, next);
    }
  }

  /**
   * Brings what a network set contributes near to `next`, in steps of a few milliseconds, so that `setContributor` takes
   * no longer. In between the sets have members of before and of after. `edit` says what changed, where that is known.
   */
  *approach(
    id: ResourceId,
    next: Contribution | null,
    edit?: NetsEdit,
  ): Generator<undefined, void> {
    const before = listNets(this.#contributors.get(id)?.nets ?? []);
    const after = next?.nets ?? [];
    if (Math.max(before.length, after.length) <= STEP) return;
    for (const { list, ...change } of yield* stepsOf(before, after, edit)) {
      const isNew = this.#contributors.get(id) === undefined;
      if (isNew && next !== null) this.setContributor(id, { ...next, nets: [] });
      const previous = this.#contributors.get(id);
      if (previous === undefined) return;
      const contributor = { ...previous, nets: packNets(list) };
      this.#contributors.set(id, contributor);
      this.#index.replace(previous, contributor);
      this.#tell(contributor, change);
      yield;
    }
  }

  /** Sets the labels that a profile hands down to its users; null: the profile is gone. */
  setProfileLabels(profile: string, labels: Labels | null): void {
    this.#index.setProfileLabels(profile, labels);
  }

  /** Labels as selectors see them on an object with these labels and profiles. */
  effectiveLabels(labels: Labels, profiles: readonly string[]): ReadonlyMap<string, string> {
    return this.#index.effectiveLabels(labels, profiles);
  }

  /** Labels as selectors see them, of all endpoints; equal endpoints may be folded into one. */
  endpointLabels(): readonly ReadonlyMap<string, string>[] {
    return this.#index.labelsOf(({ isNetworkSet }) => isNetworkSet !== true);
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
    const live = fresh.map((definition) => this.#createLiveSet(definition));
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

  /**
   * The objects, by name, that put `member` into a live set. Looks at every endpoint and network set: for people who
   * ask, not for every update.
   */
  contributorsOf(id: string, member: string): readonly string[] {
    const live = this.#sets.get(id);
    if (live === undefined) return [];
    const found: string[] = [];
    for (const [name, contributor] of this.#contributors) {
      if (!new Set(membersOf(live.definition, contributor)).has(member)) continue;
      this.#index.forEachMatch(contributor, (listener) => {
        if (listener === live) found.push(name);
      });
    }
    return found.sort();
  }

  #contributorOf(next: Contribution): Contributor {
    // A list is that of the object itself: of a long one, its next state shares the texts.
    const nets = packNets(next.nets);
    const ports = this.#ports.same(next.ports);
    return next.isNetworkSet === true
      ? { labelClass: null, nets, ports, isNetworkSet: true }
      : { labelClass: null, nets, ports };
  }

  // New members come before old ones go, so that what both have is never seen to leave.
  #replace(
    previous: Contributor,
    contributor: Contributor,
    next: Pick<Contribution, 'labels' | 'profiles'>,
  ): void {
    if (!this.#index.hasLabels(previous, next.labels, next.profiles)) {
      this.#index.set(contributor, next.labels, next.profiles);
      this.#index.delete(previous);
      return;
    }
    this.#exchange(previous, contributor);
  }

  #exchange(previous: Contributor, contributor: Contributor): void {
    this.#index.replace(previous, contributor);
    if (previous.isNetworkSet === true && contributor.isNetworkSet === true)
      this.#tell(contributor, netsChange(previous.nets, contributor.nets));
    // Endpoints are small, and named ports count an address once however often it is listed.
    else this.#announce(contributor, contributor, previous);
  }

  #tell(contributor: Contributor, { added, removed }: ListChange): void {
    this.#announce(contributor, { ...contributor, nets: added }, { ...contributor, nets: removed });
  }

  #announce(contributor: Contributor, gained: Contributor, lost: Contributor): void {
    this.#index.forEachMatch(contributor, (listener) => {
      listener.matched(gained);
      listener.unmatched(lost);
    });
  }

  #createLiveSet(definition: SetDefinition): LiveSet {
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

function* stepsOf(
  before: NetList,
  after: NetList,
  edit: NetsEdit | undefined,
): Generator<undefined, Iterable<ListStep>> {
  if (edit?.before === before && edit.removed.length + edit.added.length <= STEP)
    return [{ ...listChange(edit.removed, edit.added), list: after }];
  return stepsBetween(yield* readNets(before), yield* readNets(after), after);
}

function of(live: LiveSet, member: string): LiveMembers {
  return member.includes(':') ? live.ipv6 : live.ipv4;
}

function membersOf(definition: SetDefinition, contributor: Contributor): Iterable<string> {
  return definition.kind === 'selector'
    ? netsOf(listNets(contributor.nets)).map(memberText)
    : portMembers(definition, contributor);
}

// The same port may be listed twice, under one name or several; a member is contributed once an endpoint.
function portMembers(
  definition: SetDefinition & { readonly kind: 'named-port' },
  contributor: Contributor,
): Set<string> {
  const members = new Set<string>();
  for (const { name, protocol, port } of contributor.ports) {
    if (!definition.names.includes(name)) continue;
    if (definition.protocol !== null && definition.protocol !== protocol) continue;
    for (const address of listNets(contributor.nets))
      members.add(`${memberText(address)} . ${protocol} . ${port}`);
  }
  return members;
}

function isPublished(live: LiveSet): boolean {
  const { published } = live;
  return (
    published !== null && live.ipv4.isCurrent(published.ipv4) && live.ipv6.isCurrent(published.ipv6)
  );
}

function memberSet(live: LiveSet): MemberSet {
  return {
    id: live.definition.id,
    kind: live.definition.kind,
    description: describe(live.definition),
    ipv4: live.ipv4.view(),
    ipv6: live.ipv6.view(),
  };
}

function describe(definition: SetDefinition): string {
  const selector = definition.selector?.text ?? 'all()';
  return definition.kind === 'selector'
    ? selector
    : `port ${definition.names.join(' or ')} (protocol ${definition.protocol ?? 'any'}) of ${selector}`;
}

function netsChange(before: Contributor['nets'], after: Contributor['nets']): ListChange {
  return listChange(netsOf(listNets(before)), netsOf(listNets(after)));
}

function memberText(net: string): string {
  return net.includes('/') ? hostText(net) : net;
}

function sameContribution(a: Contributor, b: Contributor): boolean {
  return sameNets(a.nets, b.nets) && sameList(a.ports, b.ports, samePort);
}

function sameNets(a: Contributor['nets'], b: Contributor['nets']): boolean {
  if (a === b) return true;
  return (
    typeof a !== 'string' && typeof b !== 'string' && sameList(netsOf(a), netsOf(b), Object.is)
  );
}

function samePort(a: EndpointPort, b: EndpointPort): boolean {
  return a.name === b.name && a.protocol === b.protocol && a.port === b.port;
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean {
  return a.length === b.length && a.every((x, i) => i in b && same(x, b[i] as T));
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}
