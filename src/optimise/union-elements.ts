import { InvariantError } from '../base/errors.ts';
import type { ElementChange, ElementSet } from '../ruleset/element-set.ts';
import { netChange, UnionContent } from './union-content.ts';

/** Changes further back than this are not known any more: the set is written anew. */
const JOURNAL_LIMIT = 256;
const NO_CHANGE: ElementChange = { added: [], removed: [] };

/** What any of several sets holds, from one version of them to the next. A change costs what changed. */
export class UnionElements {
  readonly #lineage: object = {};
  readonly #content: UnionContent;
  #journal: readonly ElementChange[] = [];
  #parts: readonly ElementSet[];
  #version = 0;

  constructor(parts: readonly ElementSet[], hasNetworks: boolean) {
    this.#parts = parts;
    this.#content = new UnionContent(parts, hasNetworks);
  }

  /** Goes on to the next versions of the parts. False: it is not known how they came about, so this ends here. */
  advance(parts: readonly ElementSet[]): boolean {
    const changes: ElementChange[] = [];
    for (const [i, part] of parts.entries()) {
      const before = this.#parts[i];
      if (before === part) continue;
      if (before?.lineage !== part.lineage) return false;
      const change = part.changesSince(before.version);
      if (change === null) return false;
      changes.push(change);
    }
    this.#parts = parts;
    const change = changes.length === 0 ? NO_CHANGE : this.#content.advance(changes);
    if (change.added.length + change.removed.length === 0) return true;
    this.#version += 1;
    this.#journal = [...this.#journal.slice(1 - JOURNAL_LIMIT), change];
    return true;
  }

  /** The elements as of now, to be read until they change. */
  view(): ElementSet {
    const version = this.#version;
    const content = (): UnionContent['shown'] => {
      if (version === this.#version) return this.#content.shown;
      throw new InvariantError('a union was read after it had moved on');
    };
    return {
      lineage: this.#lineage,
      version,
      size: content().size,
      has: (element) => content().has(element),
      changesSince: (since) => this.#changesBetween(since, version),
      kept: () => content().kept(),
      [Symbol.iterator]: () => content()[Symbol.iterator](),
    };
  }

  /** Whether nothing changed since `view` was taken. */
  isCurrent(view: ElementSet): boolean {
    return view.lineage === this.#lineage && view.version === this.#version;
  }

  #changesBetween(since: number, until: number): ElementChange | null {
    const start = this.#version - this.#journal.length;
    if (since < start || since > until) return null;
    return netChange(this.#journal.slice(since - start, until - start));
  }
}
