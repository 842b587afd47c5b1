import { compareBytes } from '../base/byte-order.ts';
import { lookupText, mapsOf, mapText } from './nft-map-text.ts';
import type { PrintableMap } from './nft-map-text.ts';
import { hex, matchText, quoted } from './nft-match-text.ts';
import type { Chain, Rule, Ruleset, SetDeclaration, Statement, Verdict } from './ruleset.ts';
import { TABLE } from './ruleset.ts';

/** Elements of a set, and where they are kept for long, their text too. */
export interface PrintableElements extends Iterable<string> {
  /** All elements once, as they are written in pieces: each begins with ELEMENT_SEPARATOR. */
  pieces?(): Iterable<Buffer>;
}

/** Between two elements, like `, `, in a line of its own. */
export const ELEMENT_SEPARATOR = ',\n\t\t\t';

/** A ruleset whose sets can be read once, in whatever order. */
export interface PrintableRuleset extends Pick<Ruleset, 'chains' | 'counters'> {
  readonly sets: ReadonlyMap<string, SetDeclaration & { readonly elements: PrintableElements }>;
}

const TABLE_NAME = `${TABLE.family} ${TABLE.name}`;
const ELEMENTS_PER_PIECE = 1000;

/**
 * The ruleset in nft's own syntax, for `nft -f` of nft 0.9.8 and later: replaces the table in one transaction,
 * with all counters at zero. Comes in pieces of about a millisecond's work. Chains, sets and counters are in the
 * order of their names, elements in the order of their set. Protocols and ports are numbers, so that it can be
 * loaded on a host without /etc/protocols. What nft's syntax cannot hold in a comment or log prefix is written `_`.
 */
export function* nftText(ruleset: PrintableRuleset): Generator<string, void> {
  for (const piece of tablePieces(ruleset, (chain) => chainText(chain))) {
    yield typeof piece === 'string' ? piece : piece.toString('latin1');
  }
}

/**
 * The same with maps under names, so that they stay for packets on their way when a process takes the table over; elements that
 * are kept as text are that itself.
 */
export function nftPieces(ruleset: PrintableRuleset): Generator<string | Buffer, void> {
  return tablePieces(ruleset, chainWithMaps);
}

function* tablePieces(
  ruleset: PrintableRuleset,
  printChain: (chain: Chain) => string,
): Generator<string | Buffer, void> {
  yield `add table ${TABLE_NAME}\ndelete table ${TABLE_NAME}\ntable ${TABLE_NAME} {\n`;
  for (const name of [...ruleset.counters].sort(compareBytes)) {
    yield `\tcounter ${name} {\n\t\tpackets 0 bytes 0\n\t}\n`;
  }
  for (const [, set] of sortedByName(ruleset.sets)) yield* setText(set);
  for (const [, chain] of sortedByName(ruleset.chains)) yield printChain(chain);
  yield '}\n';
}

function sortedByName<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => compareBytes(a, b));
}

function* setText(
  set: SetDeclaration & { readonly elements: PrintableElements },
): Generator<string | Buffer, void> {
  yield `\tset ${set.name} {\n\t\ttype ${setType(set)}\n`;
  if (set.kind === 'interval') yield '\t\tflags interval\n';
  let isFirst = true;
  for (const piece of set.elements.pieces?.() ?? piecesOf(set.elements)) {
    if (isFirst) yield '\t\telements = { ';
    yield isFirst ? withoutSeparator(piece) : piece;
    isFirst = false;
  }
  yield isFirst ? '\t}\n' : ' }\n\t}\n';
}

function* piecesOf(elements: Iterable<string>): Generator<string, void> {
  let piece: string[] = [];
  for (const element of elements) {
    piece.push(element);
    if (piece.length < ELEMENTS_PER_PIECE) continue;
    yield ELEMENT_SEPARATOR + piece.join(', ');
    piece = [];
  }
  if (piece.length > 0) yield ELEMENT_SEPARATOR + piece.join(', ');
}

function withoutSeparator(piece: string | Buffer): string | Buffer {
  const from = ELEMENT_SEPARATOR.length;
  return typeof piece === 'string' ? piece.slice(from) : piece.subarray(from);
}

function setType({ family, kind }: SetDeclaration): string {
  const address = family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  return kind === 'named-port' ? `${address} . inet_proto . inet_service` : address;
}

// Chains do not change; those of a policy stay for as long as it does.
const memo = new WeakMap<Chain, string>();

function chainWithMaps(chain: Chain): string {
  const known = memo.get(chain);
  if (known !== undefined) return known;
  const maps = mapsOf(chain);
  const text = [...maps.values()].map(mapText).join('') + chainText(chain, maps);
  memo.set(chain, text);
  return text;
}

function chainText({ name, base, rules }: Chain, maps?: ReadonlyMap<Rule, PrintableMap>): string {
  const hook =
    base === null
      ? ''
      : `\t\ttype filter hook ${base.hook} priority ${base.priority}; policy accept;\n`;
  const lines = rules.map((rule) => `\t\t${nftRuleText(rule, maps?.get(rule)?.name)}\n`);
  return `\tchain ${name} {\n${hook}${lines.join('')}\t}\n`;
}

/** One rule in nft's own syntax, which looks its verdict up in `map`. */
export function nftRuleText({ matches, statements, comment }: Rule, map?: string): string {
  const parts = [
    ...matches.map(matchText),
    ...statements.map((statement) => statementText(statement, map)),
  ];
  return [...parts, ...(comment === '' ? [] : [`comment ${quoted(comment)}`])].join(' ');
}

function statementText(statement: Statement, map: string | undefined): string {
  switch (statement.kind) {
    case 'counter':
      return `counter name ${quoted(statement.name)}`;
    case 'log':
      return `${logText(statement.prefix)} level info`;
    case 'nflog':
      return `${logText(statement.prefix)} group ${statement.group}`;
    case 'mark':
      return `meta mark set ${markText(statement.keep, statement.set)}`;
    case 'notrack':
      return 'notrack';
    case 'verdict':
      return verdictText(statement.verdict, map);
  }
}

// nft reads "$name" in a prefix as a variable.
function logText(prefix: string): string {
  return `log prefix ${quoted(prefix.replaceAll('$', '_'))}`;
}

const ALL_BITS = 0xffffffff;

function markText(keep: number, set: number): string {
  if (keep === 0) return hex(set);
  const kept = keep === ALL_BITS ? 'meta mark' : `meta mark & ${hex(keep)}`;
  return set === 0 && keep !== ALL_BITS ? kept : `${kept} | ${hex(set)}`;
}

function verdictText(verdict: Verdict, map: string | undefined): string {
  switch (verdict.kind) {
    case 'accept':
    case 'drop':
    case 'return':
      return verdict.kind;
    case 'reject':
      return 'reject with icmpx type port-unreachable';
    case 'jump':
    case 'goto':
      return `${verdict.kind} ${verdict.chain}`;
    case 'branch':
    case 'dispatch':
      return lookupText(verdict, map);
  }
}
