import { fixedElements } from '../ruleset/element-set.ts';
import type { Chain, NamedSet, Ruleset } from '../ruleset/ruleset.ts';

/** A ruleset as JSON, which `parseRuleset` reads back; piece by piece, for a file. */
export function* formatRuleset({ chains, counters, sets }: Ruleset): Generator<string, void> {
  yield `{"chains":${JSON.stringify([...chains.values()], taggedMaps)}`;
  yield `,"counters":${JSON.stringify([...counters])},"sets":[`;
  let separator = '';
  for (const { elements, ...declaration } of sets.values()) {
    yield `${separator}${JSON.stringify(declaration).slice(0, -1)},"elements":[`;
    yield* formatElements(elements);
    yield ']}';
    separator = ',';
  }
  yield ']}\n';
}

// A million of them in one piece would hold everybody up.
function* formatElements(elements: Iterable<string>): Generator<string, void> {
  let separator = '';
  for (const element of elements) {
    yield separator + JSON.stringify(element);
    separator = ',';
  }
}

type StoredSet = Omit<NamedSet, 'elements'> & { readonly elements: readonly string[] };

/** The ruleset that was saved. Throws when it is not one. */
export function parseRuleset(text: string): Ruleset {
  const { chains, counters, sets } = JSON.parse(text, revivedMaps) as {
    readonly chains: readonly Chain[];
    readonly counters: readonly string[];
    readonly sets: readonly StoredSet[];
  };
  return {
    chains: new Map(chains.map((chain) => [chain.name, chain])),
    counters: new Set(counters),
    sets: new Map(sets.map((set) => [set.name, { ...set, elements: fixedElements(set.elements) }])),
  };
}

// The only maps in chains are those of verdicts.
function taggedMaps(_key: string, value: unknown): unknown {
  return value instanceof Map ? { mapEntries: [...(value as Map<unknown, unknown>)] } : value;
}

function revivedMaps(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('mapEntries' in value)) return value;
  return new Map(value.mapEntries as readonly (readonly [string, string])[]);
}
