import type { Namespace } from '../support/netns.ts';

/** Our table in a namespace without counts, in an order that does not depend on history; empty when there is none. */
export async function tableText(namespace: Namespace): Promise<string> {
  const argv = ['nft', '-s', 'list', 'table', 'inet', 'rampart'];
  return canonicalTable(await namespace.run(argv).catch(() => ''));
}

/** What `nft -s list table` prints, in such an order. */
export function canonicalTable(text: string): string {
  return text
    .replace(/\n}\n$/, '')
    .split(/\n(?=\t(?:chain|set|counter|map) )/)
    .map(canonicalObject)
    .sort()
    .join('\n');
}

// nft lists the elements of hash sets in the kernel's order.
function canonicalObject(text: string): string {
  return text.trimEnd().replace(/elements = \{([^}]*)\}/, (_all, elements: string) => {
    const sorted = elements.split(',').map((one) => one.trim());
    return `elements = { ${sorted.sort().join(', ')} }`;
  });
}
