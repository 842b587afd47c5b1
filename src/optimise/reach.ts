import type { PortRange } from '../net/port.ts';
import type { AddressSide, Chain, Family, Match, Rule, Ruleset } from '../ruleset/ruleset.ts';

/** What a packet must at least be to meet a rule; null: the rule does not say. */
export interface Reach {
  readonly protocols: readonly number[] | null;
  readonly ports: readonly PortRange[] | null;
  readonly nets: Readonly<Record<AddressSide, readonly string[] | null>>;
}

/**
 * What a rule's conditions and effects hang on: the rule itself, or the chain that it does nothing but jump
 * to. Such a chain can be jumped to from anywhere.
 */
export function subjectOf(rule: Rule, chains: Ruleset['chains']): Rule | Chain {
  const target = jumpOnly(rule);
  return (target === null ? undefined : chains.get(target)) ?? rule;
}

/** The chain of a rule that does nothing but jump, whatever the packet; null for all other rules. */
export function jumpOnly({ matches, statements }: Rule): string | null {
  const [only, ...others] = statements;
  const isJump = only?.kind === 'verdict' && only.verdict.kind === 'jump';
  return isJump && matches.length === 0 && others.length === 0 ? only.verdict.chain : null;
}

/** No packet outside all of these meets the rule, or any rule of the chain. Null: that is not certain. */
export function reachesOf(subject: Rule | Chain): readonly Reach[] | null {
  if ('rules' in subject) return subject.rules.map(reachOf);
  return isBound(subject) ? null : [reachOf(subject)];
}

/**
 * Whether a rule has to stay where it is: return and goto mean something else in another chain, and a limit that
 * stands twice lets through twice as much.
 */
export function isBound({ matches, statements }: Rule): boolean {
  return (
    matches.some(({ kind }) => kind === 'limit') ||
    statements.some(
      (statement) =>
        statement.kind === 'verdict' &&
        ['return', 'goto', 'dispatch'].includes(statement.verdict.kind),
    )
  );
}

function reachOf({ matches }: Rule): Reach {
  return {
    protocols: first(matches, protocolsOf),
    ports: first(matches, (match) =>
      match.kind === 'port' && match.side === 'dport' && !match.negated ? match.ports : null,
    ),
    nets: {
      saddr: first(matches, (match) => netsOf(match, 'saddr')),
      daddr: first(matches, (match) => netsOf(match, 'daddr')),
    },
  };
}

// Each condition is necessary, so that one of several is enough.
function first<T>(matches: readonly Match[], read: (match: Match) => T | null): T | null {
  for (const match of matches) {
    const value = read(match);
    if (value !== null) return value;
  }
  return null;
}

const ICMP: Readonly<Record<Family, number>> = { 4: 1, 6: 58 };

function protocolsOf(match: Match): readonly number[] | null {
  if (match.kind === 'icmp') return [ICMP[match.family]];
  return match.kind === 'l4proto' && !match.negated ? match.protocols : null;
}

function netsOf(match: Match, side: AddressSide): readonly string[] | null {
  return match.kind === 'address' && match.side === side && !match.negated ? match.nets : null;
}
