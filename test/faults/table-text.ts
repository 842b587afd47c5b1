import { setTimeout as delay } from 'node:timers/promises';
import type { Namespace } from '../support/netns.ts';

const PATIENCE_MS = 5_000;
const AGAIN_MS = 20;

/**
 * Our table in a namespace without counts, in an order that does not depend on history; empty when there is none. Waits until
 * maps are gone that no rule looks into any more.
 */
export async function tableText(namespace: Namespace): Promise<string> {
  const argv = ['nft', '-s', 'list', 'table', 'inet', 'rampart'];
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const text = await namespace.run(argv).catch(() => '');
    if (!hasUnusedMap(text) || performance.now() > until) return canonicalTable(text);
    await delay(AGAIN_MS);
  }
}

const MAP = /^\tmap (\S+) \{$/gm;
const LOOKUP = /vmap @(\S+)/g;

function hasUnusedMap(text: string): boolean {
  const looked = new Set(Array.from(text.matchAll(LOOKUP), ([, name]) => name));
  return Array.from(text.matchAll(MAP)).some(([, name]) => !looked.has(name));
}

/** What `nft -s list table` prints, in such an order; what is in maps stands in the rules that look into them. */
export function canonicalTable(text: string): string {
  const objects = text
    .replace(/\n}\n$/, '')
    .split(/\n(?=\t(?:chain|set|counter|map) )/)
    .map(canonicalObject);
  const maps = new Map(objects.flatMap(mapIn));
  const looked = new Set<string>();
  const inlined = objects.map((object) =>
    object.replace(LOOKUP, (reference, name: string) => {
      looked.add(name);
      return maps.get(name) ?? reference;
    }),
  );
  const isInlined = (object: string): boolean => mapIn(object).some(([name]) => looked.has(name));
  return inlined
    .filter((object) => !isInlined(object))
    .sort()
    .join('\n');
}

function mapIn(object: string): readonly (readonly [string, string])[] {
  return Array.from(object.matchAll(MAP), ([opening, name = '']) => [
    name,
    object.replace(opening, 'vmap {'),
  ]);
}

// nft lists the elements of hash sets in the kernel's order.
function canonicalObject(text: string): string {
  return text.trimEnd().replace(/elements = \{([^}]*)\}/, (_all, elements: string) => {
    const sorted = elements.split(',').map((one) => one.trim());
    return `elements = { ${sorted.sort().join(', ')} }`;
  });
}
