import { sameItems } from '../base/same-items.ts';
import { matchesSelector } from '../selector/match.ts';
import { selectorRequirement } from '../selector/requirement.ts';
import type { Selector } from '../selector/selector.ts';
import type { Labels } from '../resource/resource.ts';

/** Told when an item begins or ceases to match a selector. */
export interface MatchListener<Item> {
  matched(item: Item): void;
  unmatched(item: Item): void;
}

/** A selector that is in use and who wants to know. */
interface Subscription<Item> {
  readonly selector: Selector;
  readonly listener: MatchListener<Item>;
}

/** What an item carries for the one index that it is in. */
export interface Indexed<Item> {
  /** The index's own; null while the item is in none. */
  labelClass: LabelClass<Item> | null;
}

/** All items with the same own labels and the same profiles: they match the same selectors. */
export interface LabelClass<Item> {
  readonly key: string;
  /** Ways in which the labels were written so far: keys in any order. */
  readonly forms: string[];
  readonly own: Labels;
  readonly profiles: readonly string[];
  /** Own labels over inherited ones, the first profile that has a key before the later ones. */
  effective: ReadonlyMap<string, string>;
  readonly items: Set<Item>;
  readonly matched: Set<Subscription<Item>>;
}

/**
 * Which items match which selectors, kept up to date change by change. Items with equal labels are one
 * class, so a new selector is evaluated once a class, and a new item of a known class not at all; a
 * selector that requires a label value is only looked at for classes that carry it.
 */
export class LabelIndex<Item extends Indexed<Item>> {
  readonly #classes = new Map<string, LabelClass<Item>>();
  // One writer writes keys in one order, and this text costs a fraction of the canonical one.
  readonly #classByForm = new Map<string, LabelClass<Item>>();
  // Mostly labels are one object for all pods of a template, and then no text is made at all.
  readonly #lastByLabels = new WeakMap<Labels, LabelClass<Item>>();
  readonly #classesByProfile = new Map<string, Set<LabelClass<Item>>>();
  readonly #profileLabels = new Map<string, Labels>();
  readonly #subscriptions = new SubscriptionIndex<Item>();

  /** Adds `item` or changes its labels. Listeners hear of matches before they hear of mismatches. */
  set(item: Item, labels: Labels, profiles: readonly string[]): void {
    const before = item.labelClass;
    const after = this.#classFor(labels, profiles);
    if (before === after) return;
    after.items.add(item);
    item.labelClass = after;
    for (const subscription of after.matched) {
      if (before?.matched.has(subscription) !== true) subscription.listener.matched(item);
    }
    if (before === null) return;
    for (const subscription of before.matched) {
      if (!after.matched.has(subscription)) subscription.listener.unmatched(item);
    }
    this.#leave(item, before);
  }

  /** Removes `item`; its matches end. */
  delete(item: Item): void {
    const before = item.labelClass;
    if (before === null) return;
    item.labelClass = null;
    for (const subscription of before.matched) subscription.listener.unmatched(item);
    this.#leave(item, before);
  }

  /** Puts `next` in the place of `previous`, which has the same labels: nobody is told. */
  replace(previous: Item, next: Item): void {
    const { labelClass } = previous;
    if (labelClass === null) return;
    previous.labelClass = null;
    labelClass.items.delete(previous);
    next.labelClass = labelClass;
    labelClass.items.add(next);
  }

  /** Calls `visit` for the listener of every selector that `item` matches. */
  forEachMatch(item: Item, visit: (listener: MatchListener<Item>) => void): void {
    for (const subscription of item.labelClass?.matched ?? []) visit(subscription.listener);
  }

  /** Whether this listener was told of the item. */
  matches(item: Item, listener: MatchListener<Item>): boolean {
    for (const subscription of item.labelClass?.matched ?? [])
      if (subscription.listener === listener) return true;
    return false;
  }

  /** Whether `a` and `b` would be matched by the same selectors whatever these are. */
  hasLabels(item: Item, labels: Labels, profiles: readonly string[]): boolean {
    return item.labelClass?.key === classKey(labels, profiles);
  }

  /** What a label lookup on an object with these labels and profiles answers. */
  effectiveLabels(labels: Labels, profiles: readonly string[]): ReadonlyMap<string, string> {
    const effective = new Map<string, string>();
    for (let i = profiles.length - 1; i >= 0; i--) {
      const inherited = this.#profileLabels.get(profiles[i] ?? '');
      if (inherited !== undefined) assign(effective, inherited);
    }
    assign(effective, labels);
    return effective;
  }

  /** Effective labels of the classes that have an item for which `isWanted` holds; these maps never change. */
  labelsOf(isWanted: (item: Item) => boolean): readonly ReadonlyMap<string, string>[] {
    const labels: ReadonlyMap<string, string>[] = [];
    for (const { items, effective } of this.#classes.values()) {
      for (const item of items) {
        if (!isWanted(item)) continue;
        labels.push(effective);
        break;
      }
    }
    return labels;
  }

  /** Sets what a profile hands down; null: it does not exist. */
  setProfileLabels(profile: string, labels: Labels | null): void {
    if (labels === null) this.#profileLabels.delete(profile);
    else this.#profileLabels.set(profile, labels);
    for (const labelClass of this.#classesByProfile.get(profile) ?? []) {
      labelClass.effective = this.effectiveLabels(labelClass.own, labelClass.profiles);
      this.#rematch(labelClass);
    }
  }

  /** Starts to watch the selectors; their present matches are told before this returns. */
  subscribe(wanted: readonly Subscription<Item>[]): readonly (() => void)[] {
    if (wanted.length === 0) return [];
    const fresh = new SubscriptionIndex<Item>();
    for (const subscription of wanted) {
      fresh.add(subscription);
      this.#subscriptions.add(subscription);
    }
    for (const labelClass of this.#classes.values()) {
      fresh.forEachMatch(labelClass.effective, (subscription) => {
        labelClass.matched.add(subscription);
        for (const item of labelClass.items) subscription.listener.matched(item);
      });
    }
    return wanted.map((subscription) => () => {
      this.#unsubscribe(subscription);
    });
  }

  #unsubscribe(subscription: Subscription<Item>): void {
    this.#subscriptions.delete(subscription);
    for (const labelClass of this.#classes.values()) labelClass.matched.delete(subscription);
  }

  #classFor(own: Labels, profiles: readonly string[]): LabelClass<Item> {
    const last = this.#lastByLabels.get(own);
    // A class without items is none any more.
    if (last !== undefined && last.items.size > 0 && sameItems(last.profiles, profiles))
      return last;
    const found = this.#classOfForm(own, profiles);
    this.#lastByLabels.set(own, found);
    return found;
  }

  #classOfForm(own: Labels, profiles: readonly string[]): LabelClass<Item> {
    const form = JSON.stringify([own, profiles]);
    const known = this.#classByForm.get(form);
    if (known !== undefined) return known;
    const key = classKey(own, profiles);
    const found = this.#classes.get(key) ?? this.#createClass(key, own, profiles);
    // Mostly the same text, which is then kept once.
    const kept = form === found.key ? found.key : form;
    found.forms.push(kept);
    this.#classByForm.set(kept, found);
    return found;
  }

  #createClass(key: string, own: Labels, profiles: readonly string[]): LabelClass<Item> {
    const effective = this.effectiveLabels(own, profiles);
    const created: LabelClass<Item> = {
      key,
      forms: [],
      own,
      profiles,
      effective,
      items: new Set(),
      matched: new Set(),
    };
    this.#subscriptions.forEachMatch(effective, (subscription) =>
      created.matched.add(subscription),
    );
    this.#classes.set(key, created);
    for (const profile of profiles) this.#usersOf(profile).add(created);
    return created;
  }

  #usersOf(profile: string): Set<LabelClass<Item>> {
    const users = this.#classesByProfile.get(profile) ?? new Set();
    this.#classesByProfile.set(profile, users);
    return users;
  }

  #leave(item: Item, labelClass: LabelClass<Item>): void {
    labelClass.items.delete(item);
    if (labelClass.items.size > 0) return;
    this.#classes.delete(labelClass.key);
    for (const form of labelClass.forms) this.#classByForm.delete(form);
    for (const profile of labelClass.profiles) {
      const users = this.#classesByProfile.get(profile);
      users?.delete(labelClass);
      if (users?.size === 0) this.#classesByProfile.delete(profile);
    }
  }

  #rematch(labelClass: LabelClass<Item>): void {
    const matches = new Set<Subscription<Item>>();
    this.#subscriptions.forEachMatch(labelClass.effective, (subscription) =>
      matches.add(subscription),
    );
    for (const subscription of matches) {
      if (labelClass.matched.has(subscription)) continue;
      labelClass.matched.add(subscription);
      for (const item of labelClass.items) subscription.listener.matched(item);
    }
    for (const subscription of labelClass.matched) {
      if (matches.has(subscription)) continue;
      labelClass.matched.delete(subscription);
      for (const item of labelClass.items) subscription.listener.unmatched(item);
    }
  }
}

/** Subscriptions by the label they require, so that most are never evaluated. */
class SubscriptionIndex<Item> {
  readonly #byValue = new Map<string, Map<string, Set<Subscription<Item>>>>();
  readonly #byKey = new Map<string, Set<Subscription<Item>>>();
  readonly #unrestricted = new Set<Subscription<Item>>();

  add(subscription: Subscription<Item>): void {
    for (const bucket of this.#bucketsOf(subscription.selector)) bucket.add(subscription);
  }

  delete(subscription: Subscription<Item>): void {
    for (const bucket of this.#bucketsOf(subscription.selector)) bucket.delete(subscription);
  }

  forEachMatch(
    labels: ReadonlyMap<string, string>,
    visit: (subscription: Subscription<Item>) => void,
  ): void {
    const lookup = (key: string): string | undefined => labels.get(key);
    const tryAll = (bucket: Iterable<Subscription<Item>> | undefined): void => {
      for (const subscription of bucket ?? []) {
        if (matchesSelector(subscription.selector, lookup)) visit(subscription);
      }
    };
    tryAll(this.#unrestricted);
    for (const [key, value] of labels) {
      tryAll(this.#byKey.get(key));
      tryAll(this.#byValue.get(key)?.get(value));
    }
  }

  // A subscription is in one bucket for each value it accepts, but a label has one value: one visit.
  #bucketsOf(selector: Selector): readonly Set<Subscription<Item>>[] {
    const requirement = selectorRequirement(selector);
    switch (requirement.kind) {
      case 'none':
        return [this.#unrestricted];
      case 'never':
        return [];
      case 'has':
        return [bucket(this.#byKey, requirement.key)];
      case 'values': {
        const byValue =
          this.#byValue.get(requirement.key) ?? new Map<string, Set<Subscription<Item>>>();
        this.#byValue.set(requirement.key, byValue);
        return requirement.values.map((value) => bucket(byValue, value));
      }
    }
  }
}

function bucket<T>(buckets: Map<string, Set<T>>, key: string): Set<T> {
  const found = buckets.get(key) ?? new Set<T>();
  buckets.set(key, found);
  return found;
}

function assign(target: Map<string, string>, labels: Labels): void {
  for (const [key, value] of Object.entries(labels)) target.set(key, value);
}

// As Go writes maps: what one of Calico's programs stored is canonical already.
function classKey(labels: Labels, profiles: readonly string[]): string {
  const keys = Object.keys(labels).sort();
  return JSON.stringify([Object.fromEntries(keys.map((key) => [key, labels[key]])), profiles]);
}
