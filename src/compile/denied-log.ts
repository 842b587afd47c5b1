import { contentHash } from '../base/hash.ts';
import type { Chain, Rule } from '../ruleset/ruleset.ts';
import { ruleComment } from './names.ts';

/** How denied packets are logged. */
export interface DeniedLog {
  /** NFLOG group. */
  readonly group: number;
  /** Packets a second that each rule logs at most, and as many at once. */
  readonly rateLimit: number;
}

/** The place where a packet is denied. */
export interface DenialPlace {
  readonly chain: string;
  /** The counter of the rule that denies. */
  readonly counter: string;
}

/** What every prefix of a logged denial begins with. */
export const DENIED_PREFIX = 'rampart-denied ';

// The kernel takes 127 bytes and names are longer than that.
function prefixOf({ chain, counter }: DenialPlace): string {
  return `${DENIED_PREFIX}${contentHash(`${chain} ${counter}`)}`;
}

const logging = new WeakMap<Chain, { readonly log: DeniedLog; readonly chain: Chain }>();

/**
 * The chain with a rule in front of each that denies, which logs the same packets within the limit. It decides and
 * counts nothing: with a limit in the rule that denies, packets above it would pass.
 */
export function logDenials(chain: Chain, log: DeniedLog): Chain {
  if (!chain.rules.some(isDenial)) return chain;
  const known = logging.get(chain);
  if (known?.log === log) return known.chain;
  const rules = chain.rules.flatMap((rule) =>
    isDenial(rule) ? [logRule(chain.name, rule, log), rule] : [rule],
  );
  const logged = { ...chain, rules };
  logging.set(chain, { log, chain: logged });
  return logged;
}

/** The places where chains deny, by the prefix that packets are logged with. */
export function denialPlaces(chains: Iterable<Chain>): ReadonlyMap<string, DenialPlace> {
  const places = new Map<string, DenialPlace>();
  for (const { name, rules } of chains)
    for (const rule of rules.filter(isDenial)) {
      const place = { chain: name, counter: counterOf(rule) };
      places.set(prefixOf(place), place);
    }
  return places;
}

function logRule(chain: string, rule: Rule, { group, rateLimit }: DeniedLog): Rule {
  const prefix = prefixOf({ chain, counter: counterOf(rule) });
  return {
    comment: ruleComment(`log: ${rule.comment}`),
    matches: [...rule.matches, { kind: 'limit', rate: rateLimit, per: 'second', burst: rateLimit }],
    statements: [{ kind: 'nflog', group, prefix }],
  };
}

function isDenial({ statements }: Rule): boolean {
  return statements.some(
    (one) =>
      one.kind === 'verdict' && (one.verdict.kind === 'drop' || one.verdict.kind === 'reject'),
  );
}

function counterOf({ statements }: Rule): string {
  return statements.find((one) => one.kind === 'counter')?.name ?? '';
}
