import type { TextList } from '../base/text-list.ts';
import type { EndpointPort, Labels, NetsEdit, ResourceId } from '../resource/resource.ts';
import type { MemberSet } from './local-policy.ts';
import { ContributorBook, listNets, netsOf, packNets, readNets } from './contributor-book.ts';
import type { Contributor } from './contributor-book.ts';
import { LabelIndex } from './label-index.ts';
import { listChange, STEP, stepsBetween } from './list-change.ts';
import type { ListChange, ListStep } from './list-change.ts';
import { LiveSets } from './live-sets.ts';
import { membersOf } from './set-definition.ts';
import type { SetDefinition } from './set-definition.ts';
import { SharedPorts } from './shared-ports.ts';

/** An endpoint or network set as sets see it. */
export interface Contribution {
  /** Addresses, with or without their prefix length, and CIDRs. */
  readonly nets: TextList;
  readonly ports: readonly EndpointPort[];
  readonly labels: Labels;
  readonly profiles: readonly string[];
  readonly isNetworkSet?: true;
}

/**
 * The sets in use and their members, kept up to date change by change: one address more on one endpoint
 * is one member more in each set that the endpoint belongs to.
 */
export class Membership {
  readonly #index = new LabelIndex<Contributor>();
  readonly #contributors = new ContributorBook();
  readonly #sets = new LiveSets(this.#index);
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

  /** See `LiveSets.use`. */
  use(definitions: ReadonlyMap<string, SetDefinition>): void {
    this.#sets.use(definitions);
  }

  /** See `LiveSets.expect`. */
  expect(definitions: ReadonlyMap<string, SetDefinition>): void {
    this.#sets.expect(definitions);
  }

  /** See `LiveSets.settle`. */
  settle(): Generator<undefined, void> {
    return this.#sets.settle();
  }

  /** See `LiveSets.publish`. */
  publish(): ReadonlyMap<string, MemberSet> {
    return this.#sets.publish();
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
      const isMatch = this.#index.matches(contributor, live);
      if (isMatch && new Set(membersOf(live.definition, contributor)).has(member)) found.push(name);
    }
    return found.sort();
  }

  #contributorOf(next: Contribution): Contributor {
    // A list is that of the object itself: who says what changed of it means that one.
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
}

function* stepsOf(
  before: TextList,
  after: TextList,
  edit: NetsEdit | undefined,
): Generator<undefined, Iterable<ListStep>> {
  if (edit?.before === before && edit.removed.length + edit.added.length <= STEP)
    return [{ ...listChange(edit.removed, edit.added), list: after }];
  return stepsBetween(yield* readNets(before), yield* readNets(after), after);
}

function netsChange(before: Contributor['nets'], after: Contributor['nets']): ListChange {
  return listChange(netsOf(listNets(before)), netsOf(listNets(after)));
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
