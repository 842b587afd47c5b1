import type { Rule, Statement, Verdict } from '../ruleset/ruleset.ts';
import { TABLE } from '../ruleset/ruleset.ts';
import { encodeMatch, meta } from './encode-match.ts';
import { mapEntries, mapKey, target } from './encode-map.ts';
import { checkName, checkNumber, checkText, refuse } from './refuse.ts';
import type { Expression, RuleObject } from './schema.ts';

/** Longest rule comment in bytes; nft's JSON parser would let longer ones through, other tools choke on them. */
export const COMMENT_BYTES = 128;
/** Longest log prefix in bytes (NF_LOG_PREFIXLEN); nft before 1.0.9 can crash on longer ones. */
export const LOG_PREFIX_BYTES = 127;

const ALL_BITS = 0xffffffff;
const GROUPS = { high: 65_535 };

/**
 * A rule at the end of `chain`, which looks its verdicts up in `map`. Throws NftablesError `invalid` for what nft or the kernel
 * would refuse.
 */
export function encodeRule(chain: string, rule: Rule, map?: string): RuleObject {
  const statements = rule.statements.map((one) => encodeStatement(one, map));
  const expr = [...rule.matches.map(encodeMatch), ...statements];
  if (expr.length === 0) refuse(`a rule of chain "${chain}" is empty`);
  checkText('rule comment', rule.comment, COMMENT_BYTES);
  return {
    family: TABLE.family,
    table: TABLE.name,
    chain: checkName('chain', chain),
    ...(rule.comment === '' ? {} : { comment: rule.comment }),
    expr,
  };
}

function encodeStatement(statement: Statement, map: string | undefined): Expression {
  switch (statement.kind) {
    case 'counter':
      return { counter: checkName('counter', statement.name) };
    case 'log':
      return {
        log: { prefix: checkText('log prefix', statement.prefix, LOG_PREFIX_BYTES), level: 'info' },
      };
    case 'nflog':
      return {
        log: {
          prefix: checkText('log prefix', statement.prefix, LOG_PREFIX_BYTES),
          group: checkNumber('NFLOG group', statement.group, GROUPS),
        },
      };
    case 'mark':
      return encodeMark(statement.keep, statement.set);
    case 'notrack':
      return { notrack: null };
    case 'verdict':
      return encodeVerdict(statement.verdict, map);
  }
}

function encodeMark(keep: number, set: number): Expression {
  const key = meta('mark');
  checkNumber('bits of the mark to set', set, { high: ALL_BITS });
  const mask = checkNumber('bits of the mark to keep', keep, { high: ALL_BITS });
  if (mask === 0) return { mangle: { key, value: set } };
  const kept = mask === ALL_BITS ? key : { '&': [key, mask] as const };
  return { mangle: { key, value: set === 0 && mask !== ALL_BITS ? kept : { '|': [kept, set] } } };
}

function encodeVerdict(verdict: Verdict, map: string | undefined): Expression {
  switch (verdict.kind) {
    case 'accept':
      return { accept: null };
    case 'drop':
      return { drop: null };
    case 'return':
      return { return: null };
    case 'reject':
      return { reject: { type: 'icmpx', expr: 'port-unreachable' } };
    case 'jump':
      return { jump: target(verdict.chain) };
    case 'goto':
      return { goto: target(verdict.chain) };
    case 'branch':
    case 'dispatch': {
      const key = mapKey(verdict);
      if (map !== undefined) return { vmap: { key, data: `@${checkName('map', map)}` } };
      return { vmap: { key, data: { set: mapEntries(verdict) } } };
    }
  }
}
