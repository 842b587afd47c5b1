import type { Match, Rule, Statement } from '../../src/ruleset/ruleset.ts';

/** NFT_RULE_MAXEXPRS: the kernel refuses a rule with more, and with it the whole transaction. */
export const MAX_EXPRESSIONS = 128;

/** The most expressions that nft makes of a rule; a test with the kernel holds it against nft. */
export function expressionCount({ matches, statements }: Rule): number {
  return [...matches.map(ofMatch), ...statements.map(ofStatement)].reduce((a, b) => a + b, 0);
}

// With what nft puts before a match when the family or protocol it needs was not asked for yet.
function ofMatch(match: Match): number {
  switch (match.kind) {
    case 'limit':
      return 1;
    case 'iifname':
    case 'oifname':
    case 'family':
    case 'l4proto':
      return 2;
    case 'port':
    case 'ct-state':
    case 'ct-status-dnat':
    case 'mark':
      return 3;
    case 'hoplimit':
      return 4;
    case 'address':
    case 'address-set':
      return 5;
    case 'named-port':
    case 'icmp':
      return 6;
  }
}

function ofStatement(statement: Statement): number {
  if (statement.kind === 'mark') return 3;
  if (statement.kind !== 'verdict') return 1;
  // The family, the field, its mask, and the map.
  return statement.verdict.kind === 'branch' ? 5 : 2;
}
