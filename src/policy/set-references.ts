import { differingPart } from '../base/differing-part.ts';
import type { EntityRule, LocalEndpoint, Rule, Selector } from './local-policy.ts';
import type { SetDefinition } from './set-definition.ts';
import { canonicalNames, namedPortSetId, selectorSetId } from './set-id.ts';

/** Every set that the rules in force on these endpoints refer to, by id. */
export function referencedSets(
  endpoints: readonly LocalEndpoint[],
): ReadonlyMap<string, SetDefinition> {
  return new ReferencedSets().of(endpoints);
}

/** Policies or profiles, and which of their rules are in force. */
interface Owners {
  readonly direction: 'ingress' | 'egress';
  readonly owners: readonly Owner[];
}

interface Owner {
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
}

interface Reference {
  readonly definition: SetDefinition;
  count: number;
}

/** `referencedSets` of one arrangement after another, at the price of what differs between them. */
export class ReferencedSets {
  readonly #references = new Map<string, Reference>();
  #present: readonly Owners[] = [];
  #definitions: ReadonlyMap<string, SetDefinition> = new Map();

  /** The same map for as long as the same sets are referred to. */
  of(endpoints: readonly LocalEndpoint[]): ReadonlyMap<string, SetDefinition> {
    const before = this.#present;
    const after = ownersOf(endpoints);
    let isChanged = false;
    for (let i = 0; i < Math.max(before.length, after.length); i++)
      isChanged = this.#replace(before[i] ?? NOBODY, after[i] ?? NOBODY) || isChanged;
    this.#present = after;
    if (isChanged) {
      const all = Array.from(this.#references.values(), ({ definition }) => definition);
      this.#definitions = new Map(all.map((definition) => [definition.id, definition]));
    }
    return this.#definitions;
  }

  // Answers whether a set came or went.
  #replace(before: Owners, after: Owners): boolean {
    const { start, beforeEnd, afterEnd } = differingPart(before.owners, after.owners);
    const sizeBefore = this.#references.size;
    let gone = 0;
    for (const owner of after.owners.slice(start, afterEnd))
      for (const definition of definitionsOf(owner[after.direction])) this.#add(definition);
    const come = this.#references.size - sizeBefore;
    for (const owner of before.owners.slice(start, beforeEnd))
      for (const { id } of definitionsOf(owner[before.direction])) gone += this.#remove(id);
    return come + gone > 0;
  }

  #add(definition: SetDefinition): void {
    const known = this.#references.get(definition.id);
    if (known === undefined) this.#references.set(definition.id, { definition, count: 1 });
    else known.count += 1;
  }

  // Answers how many sets nobody refers to any more.
  #remove(id: string): 0 | 1 {
    const known = this.#references.get(id);
    if (known === undefined) return 0;
    known.count -= 1;
    if (known.count > 0) return 0;
    this.#references.delete(id);
    return 1;
  }
}

const NOBODY: Owners = { direction: 'ingress', owners: [] };

// What is forwarded is policed by policies of the normal stage.
function ownersOf(endpoints: readonly LocalEndpoint[]): readonly Owners[] {
  return endpoints.flatMap(({ untracked, preDNAT, normal, profiles }) => {
    const ofProfiles = profiles.flatMap(({ profile }) => profile?.rules ?? []);
    return [
      ...[...untracked, ...preDNAT, ...normal].flatMap(({ ingress, egress }): Owners[] => [
        { direction: 'ingress', owners: ingress },
        { direction: 'egress', owners: egress },
      ]),
      { direction: 'ingress' as const, owners: ofProfiles },
      { direction: 'egress' as const, owners: ofProfiles },
    ];
  });
}

// Resources are immutable, so what their rules refer to is worked out once.
const memo = new WeakMap<readonly Rule[], readonly SetDefinition[]>();

function definitionsOf(rules: readonly Rule[]): readonly SetDefinition[] {
  const known = memo.get(rules);
  if (known !== undefined) return known;
  const definitions = rules
    .filter(({ neverMatches }) => neverMatches === null)
    .flatMap((rule) => [
      ...entityDefinitions(rule.source, rule.protocol),
      ...entityDefinitions(rule.destination, rule.protocol),
    ]);
  memo.set(rules, definitions);
  return definitions;
}

function entityDefinitions(entity: EntityRule, protocol: number | null): readonly SetDefinition[] {
  const selectors = [entity.selector, entity.notSelector].filter((one) => one !== null);
  const lists = [entity.ports, entity.notPorts].map((list) => list?.named ?? []);
  return [
    ...selectors.map(selectorSet),
    ...lists
      .filter((names) => names.length > 0)
      .map((names): SetDefinition => {
        const selector = entity.positiveSelector;
        const id = namedPortSetId(selector, protocol, names);
        return { kind: 'named-port', id, selector, protocol, names: canonicalNames(names) };
      }),
  ];
}

function selectorSet(selector: Selector): SetDefinition {
  return { kind: 'selector', id: selectorSetId(selector), selector };
}
