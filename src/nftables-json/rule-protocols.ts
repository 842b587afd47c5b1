import { NftablesError } from '../base/errors.ts';
import type { Family, Match, Rule } from '../ruleset/ruleset.ts';

const ICMP = 1;
const ICMPV6 = 58;

/** What the matches so far pin down; nothing where any would do. */
interface Context {
  readonly family: Family | null;
  readonly protocols: readonly number[];
}

/**
 * Refuses a rule that looks into a header which an earlier match of the rule rules out, as nft does
 * ("conflicting protocols specified"). Throws NftablesError `invalid`.
 */
export function checkProtocols(rule: Rule): void {
  let context: Context = { family: null, protocols: [] };
  for (const match of rule.matches) context = advance(context, match);
  for (const statement of rule.statements) {
    if (statement.kind !== 'verdict' || statement.verdict.kind !== 'branch') continue;
    const { field } = statement.verdict;
    if (field.kind !== 'dport') context = lookIntoNetwork(context, field.family);
  }
}

// nft believes what `meta` says, even against what came before; only looking into headers can conflict.
function advance(context: Context, match: Match): Context {
  if (match.kind === 'family') return { ...context, family: match.family };
  if (match.kind === 'l4proto')
    return match.negated
      ? context
      : { ...context, protocols: [...context.protocols, ...match.protocols] };
  if (match.kind === 'icmp') return lookIntoIcmp(context, match.family);
  if (match.kind === 'hoplimit') return lookIntoNetwork(context, 6);
  return 'family' in match ? lookIntoNetwork(context, match.family) : context;
}

function lookIntoNetwork(context: Context, family: Family): Context {
  if (context.family !== null && context.family !== family) refuseConflict('ip and ip6');
  return { ...context, family };
}

// nft takes ICMP of either family once the family is known, and none beside any other protocol.
function lookIntoIcmp(context: Context, family: Family): Context {
  const protocol = family === 4 ? ICMP : ICMPV6;
  const other = context.protocols.find((one) => one !== protocol);
  if (other !== undefined) refuseConflict(`protocols ${other} and ${protocol}`);
  return { family: context.family ?? family, protocols: [protocol] };
}

function refuseConflict(what: string): never {
  throw new NftablesError('invalid', `conflicting protocols specified: ${what} in one rule`);
}
