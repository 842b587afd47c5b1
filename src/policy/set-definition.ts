import { hostText } from '../net/cidr.ts';
import type { Selector } from '../selector/selector.ts';
import { listNets } from './contributor-book.ts';
import type { Contributor } from './contributor-book.ts';

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

/** What one contributor whose labels match puts into such a set, read on the way: once for each time that it is listed. */
export function membersOf(definition: SetDefinition, contributor: Contributor): Iterable<string> {
  return definition.kind === 'selector'
    ? memberTexts(listNets(contributor.nets))
    : portMembers(definition, contributor);
}

function* memberTexts(nets: Iterable<string>): Generator<string, void> {
  for (const net of nets) yield memberText(net);
}

/** For people. */
export function describeSet(definition: SetDefinition): string {
  const selector = definition.selector?.text ?? 'all()';
  return definition.kind === 'selector'
    ? selector
    : `port ${definition.names.join(' or ')} (protocol ${definition.protocol ?? 'any'}) of ${selector}`;
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

function memberText(net: string): string {
  return net.includes('/') ? hostText(net) : net;
}
