import type { PrintableElements } from '../ruleset/nft-text.ts';

/** Elements that were added or removed together; never changed. */
interface Entry {
  readonly added: boolean;
  readonly elements: readonly string[];
}

/** Part of what a set holds, and its text once somebody asked for it; else never changed. */
interface Page {
  readonly elements: readonly string[];
  text: string | null;
}

// About a millisecond's work.
const PAGE_SIZE = 1000;
// A set that was edited this often is put in order.
const MOST_ENTRIES = 1000;

/**
 * What a set holds at one moment, readable at any later one. An edit gives a new journal and costs what it edits;
 * to read the elements, the edits are put in order once, and pages without an edit keep their text.
 */
export class SetJournal implements PrintableElements {
  // Both together say what the set holds; putting them in order changes how they say it.
  #pages: readonly Page[];
  #entries: readonly Entry[];

  constructor(pages: readonly Page[] = [], entries: readonly Entry[] = []) {
    this.#pages = pages;
    this.#entries = entries;
  }

  /** The journal after an edit: elements that were absent are added, or elements that were present are removed. */
  edited(added: boolean, elements: readonly string[]): SetJournal {
    if (elements.length === 0) return this;
    if (elements.length >= PAGE_SIZE) {
      const pages = this.#order();
      return new SetJournal(added ? withMore(pages, elements) : without(pages, new Set(elements)));
    }
    if (this.#entries.length >= MOST_ENTRIES) this.#order();
    return new SetJournal(this.#pages, [...this.#entries, { added, elements }]);
  }

  *[Symbol.iterator](): Generator<string, void> {
    for (const { elements } of this.#order()) yield* elements;
  }

  *texts(): Generator<string, void> {
    for (const page of this.#order()) yield (page.text ??= page.elements.join(', '));
  }

  #order(): readonly Page[] {
    if (this.#entries.length === 0) return this.#pages;
    const { gone, fresh } = netChange(this.#entries);
    this.#pages = withMore(without(this.#pages, gone), fresh);
    this.#entries = [];
    return this.#pages;
  }
}

// Edits of one element alternate: the first says whether it was there before all, the last whether it is there now.
function netChange(entries: readonly Entry[]): {
  readonly gone: ReadonlySet<string>;
  readonly fresh: readonly string[];
} {
  const first = new Map<string, boolean>();
  const last = new Map<string, boolean>();
  for (const { added, elements } of entries) {
    for (const element of elements) {
      if (!first.has(element)) first.set(element, added);
      last.set(element, added);
    }
  }
  const gone = new Set<string>();
  for (const [element, added] of first) if (!added) gone.add(element);
  const fresh: string[] = [];
  for (const [element, added] of last) if (added) fresh.push(element);
  return { gone, fresh };
}

function without(pages: readonly Page[], gone: ReadonlySet<string>): readonly Page[] {
  let missing = gone.size;
  return pages.flatMap((page) => {
    if (missing === 0) return page;
    const elements = page.elements.filter((element) => !gone.has(element));
    missing -= page.elements.length - elements.length;
    if (elements.length === page.elements.length) return page;
    return elements.length === 0 ? [] : { elements, text: null };
  });
}

// The last page is filled up first.
function withMore(pages: readonly Page[], fresh: readonly string[]): readonly Page[] {
  if (fresh.length === 0) return pages;
  const last = pages.at(-1)?.elements ?? [];
  const isFull = last.length >= PAGE_SIZE;
  const rest = isFull ? fresh : [...last, ...fresh];
  const more = isFull ? [...pages] : pages.slice(0, -1);
  for (let i = 0; i < rest.length; i += PAGE_SIZE) {
    more.push({ elements: rest.slice(i, i + PAGE_SIZE), text: null });
  }
  return more;
}
