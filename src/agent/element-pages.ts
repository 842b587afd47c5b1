import type { TextList } from '../base/text-list.ts';
import type { PrintableElements } from '../ruleset/nft-text.ts';
import { ElementPage } from './element-page.ts';

// A page is written in a fraction of a millisecond.
const PAGE_SIZE = 500;
// When pages hold more than this on the average, the elements are spread over more of them.
const FULL_PAGE_SIZE = 4 * PAGE_SIZE;

/**
 * What a set holds at one moment, readable at any later one. An edit gives new pages and costs what it edits: where
 * an element stands follows from the element, and pages without an edit are shared and keep their text.
 */
export class ElementPages implements PrintableElements {
  readonly #pages: readonly ElementPage[];
  readonly #size: number;

  constructor(pages: readonly ElementPage[] = [], size = 0) {
    this.#pages = pages;
    this.#size = size;
  }

  /**
   * The pages after an edit: elements that were absent are added, or elements that were present are removed. In steps of
   * less than a millisecond.
   */
  *edited(added: boolean, elements: TextList): Generator<undefined, ElementPages> {
    if (elements.length === 0) return this;
    const size = this.#size + (added ? elements.length : -elements.length);
    if (size > this.#pages.length * FULL_PAGE_SIZE)
      return yield* spread([...this.#lists(), elements], size);
    const pages = [...this.#pages];
    for (const [place, some] of yield* byPlace([elements], pages.length)) {
      const before = pages[place]?.elements ?? [];
      pages[place] = new ElementPage(added ? before.concat(some) : without(before, some));
      yield;
    }
    return new ElementPages(pages, size);
  }

  *#lists(): Generator<readonly string[], void> {
    for (const { elements } of this.#pages) yield elements;
  }

  *[Symbol.iterator](): Generator<string, void> {
    for (const elements of this.#lists()) yield* elements;
  }

  *pieces(): Generator<Buffer, void> {
    for (const { bytes } of this.#pages) if (bytes.length > 0) yield bytes;
  }
}

type Lists = Iterable<Iterable<string>>;

function* spread(lists: Lists, size: number): Generator<undefined, ElementPages> {
  const places = Math.ceil(size / PAGE_SIZE);
  const pages = Array.from({ length: places }, () => new ElementPage([]));
  for (const [place, some] of yield* byPlace(lists, places)) pages[place] = new ElementPage(some);
  return new ElementPages(pages, size);
}

// Groups of elements that belong on one page.
function* byPlace(
  lists: Lists,
  places: number,
): Generator<undefined, ReadonlyMap<number, string[]>> {
  const groups = new Map<number, string[]>();
  let looked = 0;
  for (const elements of lists) {
    for (const element of elements) {
      const place = placeOf(element, places);
      const group = groups.get(place);
      if (group === undefined) groups.set(place, [element]);
      else group.push(element);
      if (++looked % PAGE_SIZE === 0) yield;
    }
  }
  return groups;
}

// FNV-1a.
function placeOf(element: string, places: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < element.length; i++)
    hash = Math.imul(hash ^ element.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % places;
}

function without(elements: readonly string[], gone: readonly string[]): readonly string[] {
  const all = new Set(gone);
  return elements.filter((element) => !all.has(element));
}
