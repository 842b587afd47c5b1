import { isOurMap } from '../../../src/ruleset/named-maps.ts';

/** What nft lists of a table: lines by object, of sets and maps what they are and then each element. */
export type Blocks = ReadonlyMap<string, readonly string[]>;

const MAP = 'map ';
const NAMED = /vmap @(\S+)/g;
const ANONYMOUS = /vmap \{ (.*) \}/;

/**
 * The same with what rules look up in the rules, whether that is in maps with names or without. Maps that no rule looks into, and
 * empty chains that they lead to, are left out: they are there for packets on their way (docs/adr/0007).
 */
export function withMapsInRules(blocks: Blocks): Blocks {
  const looked = new Set([...blocks.values()].flat().flatMap(lookedInto));
  const leftOut = new Set<string>();
  for (const [object, [, ...entries]] of blocks) {
    const name = object.startsWith(MAP) ? object.slice(MAP.length) : '';
    if (looked.has(name)) leftOut.add(object);
    else if (isOurMap(name)) for (const one of [object, ...entries.map(chainOf)]) leftOut.add(one);
  }
  const isShown = ([object, lines]: readonly [string, readonly string[]]): boolean =>
    !leftOut.has(object) || (object.startsWith('chain ') && lines.length > 0);
  const shown = [...blocks].filter(isShown);
  return new Map(
    shown.map(([object, lines]) => [object, lines.map((line) => inlined(line, blocks))]),
  );
}

/** The entries of a list, in an order of their own. */
export function sortedList(text: string): readonly string[] {
  return text
    .split(/, */)
    .filter((one) => one !== '')
    .sort();
}

function lookedInto(line: string): readonly string[] {
  return Array.from(line.matchAll(NAMED), ([, name = '']) => name);
}

function chainOf(entry: string): string {
  return `chain ${entry.split(' ').at(-1) ?? ''}`;
}

function inlined(line: string, blocks: Blocks): string {
  return line
    .replace(ANONYMOUS, (_, entries: string) => `vmap { ${sortedList(entries).join(', ')} }`)
    .replace(NAMED, (reference, name: string) => {
      const [, ...entries] = blocks.get(`${MAP}${name}`) ?? [];
      return entries.length === 0 ? reference : `vmap { ${entries.join(', ')} }`;
    });
}
