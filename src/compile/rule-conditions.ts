import { familyOf } from '../net/cidr.ts';
import type { EntityRule, IcmpMatch, Rule } from '../policy/local-policy.ts';
import { namedPortSetId, selectorSetId } from '../policy/set-id.ts';
import type { Family, Match } from '../ruleset/ruleset.ts';
import type { SetNames } from './set-names.ts';

/** A conjunction. */
type Conditions = readonly Match[];
/** A disjunction of conjunctions. */
type Alternatives = readonly Conditions[];

const ICMP_PROTOCOL: Readonly<Record<Family, number>> = { 4: 1, 6: 58 };

/**
 * The nftables conditions of a policy rule: one list of matches for each nftables rule that it needs. An
 * empty answer means that the rule never matches. `disjoint` makes sure that no packet meets two of
 * them, for actions that do not end the evaluation.
 *
 * A rule that speaks of addresses exists once a family, and not at all in a family for which its nets say
 * nothing, exactly as in Calico.
 */
export function ruleConditions(rule: Rule, names: SetNames, disjoint: boolean): Alternatives {
  if (rule.neverMatches !== null) return [];
  if (!isFamilySpecific(rule)) return familyConditions(rule, { family: null, names, disjoint });
  return ([4, 6] as const)
    .filter((family) => existsIn(rule, family))
    .flatMap((family) => familyConditions(rule, { family, names, disjoint }));
}

interface Context {
  /** Null for rules that say nothing about addresses. */
  readonly family: Family | null;
  readonly names: SetNames;
  readonly disjoint: boolean;
}

function isFamilySpecific(rule: Rule): boolean {
  const speaksOfAddresses = [rule.source, rule.destination].some(
    ({ nets, notNets, selector, notSelector, ports, notPorts }) =>
      nets !== null ||
      notNets !== null ||
      selector !== null ||
      notSelector !== null ||
      (ports?.named.length ?? 0) > 0 ||
      (notPorts?.named.length ?? 0) > 0,
  );
  return (
    speaksOfAddresses || rule.ipVersion !== null || rule.icmp !== null || rule.notICMP !== null
  );
}

/** Whether a rule is in force for packets of a family. */
export function existsIn(rule: Rule, family: Family): boolean {
  if (rule.ipVersion !== null && rule.ipVersion !== family) return false;
  const { source, destination } = rule;
  const everything = family === 4 ? '0.0.0.0/0' : '::/0';
  return (
    [source.nets, source.notNets, destination.nets, destination.notNets].every(
      (nets) => nets === null || nets.some((net) => familyOf(net) === family),
    ) && ![source.notNets, destination.notNets].some((nets) => nets?.includes(everything))
  );
}

function familyConditions(rule: Rule, context: Context): Alternatives {
  const parts: readonly Alternatives[] = [
    [protocolMatches(rule)],
    [netMatches(rule.source, 'source', context)],
    [netMatches(rule.destination, 'destination', context)],
    [notPortMatches(rule, 'source', context)],
    [notPortMatches(rule, 'destination', context)],
    portAlternatives(rule, 'source', context),
    portAlternatives(rule, 'destination', context),
    icmpAlternatives(rule, context.family),
  ];
  return parts
    .reduce(conjunction)
    .filter(isPossible)
    .map((matches) => withFamily(matches, context.family));
}

// nftables refuses a rule that asks for two protocols at once, and with it the whole transaction; in
// Calico such a rule just never matches.
function isPossible(matches: Conditions): boolean {
  return new Set(matches.flatMap(impliedProtocol)).size <= 1;
}

function impliedProtocol(match: Match): readonly number[] {
  if (match.kind === 'icmp') return [ICMP_PROTOCOL[match.family]];
  return match.kind === 'l4proto' && !match.negated ? match.protocols : [];
}

function conjunction(a: Alternatives, b: Alternatives): Alternatives {
  return a.flatMap((left) => b.map((right) => [...left, ...right]));
}

// Address and ICMP matches imply their family; without one of them it has to be said.
function withFamily(matches: Conditions, family: Family | null): Conditions {
  const isImplied = matches.some(
    ({ kind }) =>
      kind === 'address' || kind === 'address-set' || kind === 'named-port' || kind === 'icmp',
  );
  return family === null || isImplied ? matches : [{ kind: 'family', family }, ...matches];
}

function protocolMatches({ protocol, notProtocol }: Rule): Conditions {
  return [
    ...(protocol === null ? [] : [l4proto(protocol, false)]),
    ...(notProtocol === null ? [] : [l4proto(notProtocol, true)]),
  ];
}

function l4proto(protocol: number, negated: boolean): Match {
  return { kind: 'l4proto', negated, protocols: [protocol] };
}

type Side = 'source' | 'destination';

function netMatches(entity: EntityRule, side: Side, { family, names }: Context): Conditions {
  if (family === null) return [];
  const at = { side: side === 'source' ? 'saddr' : 'daddr', family } as const;
  const { nets, notNets, selector, notSelector } = entity;
  const ofFamily = (all: readonly string[]): readonly string[] =>
    all.filter((net) => familyOf(net) === family);
  const setOf = (id: string): string => names.nameOf(id, family);
  return [
    ...(nets === null
      ? []
      : [{ kind: 'address', ...at, negated: false, nets: ofFamily(nets) } as const]),
    ...(notNets === null
      ? []
      : [{ kind: 'address', ...at, negated: true, nets: ofFamily(notNets) } as const]),
    ...(selector === null
      ? []
      : [
          {
            kind: 'address-set',
            ...at,
            negated: false,
            set: setOf(selectorSetId(selector)),
          } as const,
        ]),
    ...(notSelector === null
      ? []
      : [
          {
            kind: 'address-set',
            ...at,
            negated: true,
            set: setOf(selectorSetId(notSelector)),
          } as const,
        ]),
  ];
}

function notPortMatches(rule: Rule, side: Side, context: Context): Conditions {
  const { notPorts } = rule[side];
  if (notPorts === null) return [];
  return [
    ...(notPorts.numeric.length > 0 ? [numericPorts(rule, side, 'notPorts', true)] : []),
    ...(notPorts.named.length > 0 ? namedPorts(rule, side, 'notPorts', context) : []),
  ];
}

// Numbers and names are alternatives, each a rule of its own.
function portAlternatives(rule: Rule, side: Side, context: Context): Alternatives {
  const { ports } = rule[side];
  if (ports === null) return [[]];
  const hasNumbers = ports.numeric.length > 0;
  const numeric = hasNumbers ? [[numericPorts(rule, side, 'ports', false)]] : [];
  if (ports.named.length === 0) return numeric;
  const named = namedPorts(rule, side, 'ports', context);
  const others = hasNumbers && context.disjoint ? [numericPorts(rule, side, 'ports', true)] : [];
  return [...numeric, [...named, ...others]];
}

function numericPorts(
  rule: Rule,
  side: Side,
  field: 'ports' | 'notPorts',
  negated: boolean,
): Match {
  const ports = rule[side][field]?.numeric ?? [];
  return { kind: 'port', side: side === 'source' ? 'sport' : 'dport', negated, ports };
}

function namedPorts(
  rule: Rule,
  side: Side,
  field: 'ports' | 'notPorts',
  { family, names }: Context,
): Conditions {
  if (family === null) return [];
  const { positiveSelector, [field]: list } = rule[side];
  const id = namedPortSetId(positiveSelector, rule.protocol, list?.named ?? []);
  const negated = field === 'notPorts';
  return [{ kind: 'named-port', side, family, negated, set: names.nameOf(id, family) }];
}

function icmpAlternatives(rule: Rule, family: Family | null): Alternatives {
  if (family === null) return [[]];
  const positive = rule.icmp === null ? [] : icmpMatches(rule.icmp, family);
  return conjunction([positive], notIcmpAlternatives(rule, family));
}

function icmpMatches({ type, code }: IcmpMatch, family: Family): Conditions {
  return [
    { kind: 'icmp', family, field: 'type', negated: false, values: [type] },
    ...(code === null
      ? []
      : [{ kind: 'icmp', family, field: 'code', negated: false, values: [code] } as const]),
  ];
}

// "Not this type (and code)" also holds for packets that are not ICMP at all, but a negated ICMP match
// in nftables is one on ICMP packets only.
function notIcmpAlternatives(rule: Rule, family: Family): Alternatives {
  if (rule.notICMP === null) return [[]];
  const protocol = ICMP_PROTOCOL[family];
  const { type, code } = rule.notICMP;
  const otherProtocol: Alternatives = rule.protocol === protocol ? [] : [[l4proto(protocol, true)]];
  const isNeverIcmp = rule.protocol !== null && rule.protocol !== protocol;
  if (isNeverIcmp) return otherProtocol;
  const otherType: Match = { kind: 'icmp', family, field: 'type', negated: true, values: [type] };
  const otherCode: Alternatives =
    code === null
      ? []
      : [
          [
            { kind: 'icmp', family, field: 'type', negated: false, values: [type] },
            { kind: 'icmp', family, field: 'code', negated: true, values: [code] },
          ],
        ];
  return [...otherProtocol, [otherType], ...otherCode];
}
