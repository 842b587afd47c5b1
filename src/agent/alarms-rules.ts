import { existsIn, ruleConditions } from '../compile/rule-conditions.ts';
import { SetNames } from '../compile/set-names.ts';
import type { EntityRule, LocalPolicy, Rule } from '../policy/local-policy.ts';
import { namedPortSetId, selectorSetId } from '../policy/set-id.ts';
import { resourceName } from '../resource/resource.ts';
import { activeRules } from './active-rules.ts';
import type { ActiveRules } from './active-rules.ts';
import { faultAbout } from './fault.ts';
import type { Fault } from './fault.ts';

interface Remembered {
  /** Which sets had no member, as text. */
  readonly empty: string;
  readonly faults: readonly Fault[];
}

const remembered = new WeakMap<LocalPolicy['endpoints'], Remembered>();

/**
 * Rules in force that no packet can match: by what they say, or because nobody has the labels that they
 * ask for. Worked out again only when policies changed, or a set became empty or ceased to be.
 */
export function ruleFaults(policy: LocalPolicy | null): readonly Fault[] {
  if (policy === null) return [];
  const emptyOnes = emptySets(policy);
  const empty = [...emptyOnes].join();
  const known = remembered.get(policy.endpoints);
  if (known?.empty === empty) return known.faults;
  const faults = faultsOf(activeRules(policy.endpoints), emptyOnes);
  remembered.set(policy.endpoints, { empty, faults });
  return faults;
}

function faultsOf(active: readonly ActiveRules[], empty: ReadonlySet<string>): readonly Fault[] {
  const never: string[] = [];
  const nobody: string[] = [];
  for (const { owner, list } of active) {
    const name = (index: number): string =>
      `${resourceName(owner)} spec.${list.direction}[${index}]`;
    for (const [index, { why, needs }] of judge(list.rules).entries()) {
      if (why !== null) never.push(`${name(index)} (${why})`);
      else if (!needs.some((sets) => isMet(sets, empty))) nobody.push(name(index));
    }
  }
  return [
    ...faultAbout('rule-never-matches', never.sort(), neverMatches),
    ...faultAbout('rule-matches-nobody', nobody.sort(), matchesNobody),
  ];
}

function neverMatches(named: string): string {
  return `no packet can ever match: ${named}. Correct these rules, or remove them`;
}

function matchesNobody(named: string): string {
  return `no packet can match now, because no endpoint or network set has the labels (or named ports) they ask for: ${named}. Correct their selectors, or label what they mean`;
}

/** Per family that the rule exists in: the sets that must have a member. */
type Needs = readonly (readonly string[])[];

interface Judgement {
  /** Why no packet can ever match; null: one can. */
  readonly why: string | null;
  readonly needs: Needs;
}

// Rules do not change, so what they ask for is worked out once.
const judged = new WeakMap<readonly Rule[], readonly Judgement[]>();

function judge(rules: readonly Rule[]): readonly Judgement[] {
  const known = judged.get(rules);
  if (known !== undefined) return known;
  const judgements = rules.map((rule) => ({ why: whyNever(rule), needs: needsOf(rule) }));
  judged.set(rules, judgements);
  return judgements;
}

const NO_SETS = new SetNames(new Map());

function whyNever(rule: Rule): string | null {
  if (rule.neverMatches !== null) return rule.neverMatches;
  const excludesItself = rule.protocol !== null && rule.protocol === rule.notProtocol;
  const isImpossible = excludesItself || ruleConditions(rule, NO_SETS, false).length === 0;
  return isImpossible ? 'its conditions exclude each other' : null;
}

function needsOf(rule: Rule): Needs {
  return ([4, 6] as const)
    .filter((family) => existsIn(rule, family))
    .map((family) =>
      [rule.source, rule.destination].flatMap((entity) => setsOf(entity, rule.protocol, family)),
    );
}

function setsOf(entity: EntityRule, protocol: number | null, family: 4 | 6): readonly string[] {
  const { selector, ports, positiveSelector } = entity;
  const named = ports?.numeric.length === 0 ? ports.named : [];
  return [
    ...(selector === null ? [] : [key(selectorSetId(selector), family)]),
    ...(named.length === 0 ? [] : [key(namedPortSetId(positiveSelector, protocol, named), family)]),
  ];
}

function isMet(sets: readonly string[], empty: ReadonlySet<string>): boolean {
  return sets.every((set) => !empty.has(set));
}

function emptySets({ sets }: LocalPolicy): ReadonlySet<string> {
  const empty = new Set<string>();
  for (const [id, { ipv4, ipv6 }] of sets) {
    if (ipv4.size === 0) empty.add(key(id, 4));
    if (ipv6.size === 0) empty.add(key(id, 6));
  }
  return empty;
}

function key(id: string, family: 4 | 6): string {
  return `${id} ${family}`;
}
