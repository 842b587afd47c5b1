import { NftablesError } from '../base/errors.ts';
import type { Family, Match, Rule } from '../ruleset/ruleset.ts';

const ICMP = 1;
const ICMPV6 = 58;

/**
 * Refuses a rule whose matches imply two families or two protocols, as nft does ("conflicting protocols
 * specified"). Throws NftablesError `invalid`.
 */
export function checkProtocols(rule: Rule): void {
  let family: Family | null = null;
  let protocol: number | null = null;
  for (const match of rule.matches) {
    const ownFamily = impliedFamily(match);
    if (ownFamily !== null && family !== null && family !== ownFamily)
      refuseConflict('ip and ip6 in one rule');
    family ??= ownFamily;
    const ownProtocol = impliedProtocol(match);
    if (ownProtocol !== null && protocol !== null && protocol !== ownProtocol)
      refuseConflict(`protocols ${protocol} and ${ownProtocol} in one rule`);
    protocol ??= ownProtocol;
  }
}

function refuseConflict(what: string): never {
  throw new NftablesError('invalid', `conflicting protocols specified: ${what}`);
}

function impliedFamily(match: Match): Family | null {
  if ('family' in match) return match.family;
  return match.kind === 'hoplimit' ? 6 : null;
}

function impliedProtocol(match: Match): number | null {
  if (match.kind === 'icmp') return match.family === 4 ? ICMP : ICMPV6;
  if (match.kind !== 'l4proto' || match.negated || match.protocols.length !== 1) return null;
  return match.protocols[0] ?? null;
}
