import type { EntityRule, LocalEndpoint, Rule, Selector } from './local-policy.ts';
import type { SetDefinition } from './membership.ts';
import { canonicalNames, namedPortSetId, selectorSetId } from './set-id.ts';

/** Every set that the rules in force on these endpoints refer to, by id. */
export function referencedSets(
  endpoints: readonly LocalEndpoint[],
): ReadonlyMap<string, SetDefinition> {
  const sets = new Map<string, SetDefinition>();
  const add = (rules: readonly Rule[]): void => {
    for (const definition of definitionsOf(rules)) sets.set(definition.id, definition);
  };
  for (const { untracked, preDNAT, normal, profiles } of endpoints) {
    for (const tier of [...untracked, ...preDNAT, ...normal]) {
      for (const { ingress } of tier.ingress) add(ingress);
      for (const { egress } of tier.egress) add(egress);
    }
    for (const { profile } of profiles) {
      if (!profile?.rules) continue;
      add(profile.rules.ingress);
      add(profile.rules.egress);
    }
  }
  return sets;
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
