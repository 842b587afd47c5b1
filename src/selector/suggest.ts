import { quoteValue } from './format.ts';
import { MAX_DEPTH, parseTree } from './grammar.ts';

/** Longer texts are not worth guessing at: nobody reads the answer. */
const LONGEST_GUESS = 2048;

/**
 * What the writer of a text that is not a selector probably meant, as a selector that parses; null
 * when there is no good guess. It reads Kubernetes' label selectors (`a=b,c in (d, e),!f`), words
 * without quotes, `and`/`or`/`not`, single `&` and `|`, wrong case and typographic quotes.
 */
export function suggestSelector(text: string): string | null {
  if (text.length > LONGEST_GUESS) return null;
  const reader: Reader = { pieces: text.match(PIECE) ?? [], next: 0, depth: 0 };
  const guess = readExpression(reader);
  if (guess === null || reader.next < reader.pieces.length) return null;
  return parseTree(guess).kind === 'failure' ? null : guess;
}

const PIECE =
  /"[^"]*"|'[^']*'|[“”„][^“”„]*[“”„]|[‘’‚][^‘’‚]*[‘’‚]|={1,3}|!=|<>|&&?|\|\|?|[!(){}[\],:"']|[^\s!=<>&|(){}[\],:"'“”„‘’‚]+|[<>]/gu;

interface Reader {
  readonly pieces: readonly string[];
  next: number;
  depth: number;
}

const CONNECTORS: ReadonlyMap<string, string> = new Map([
  ['&&', '&&'],
  ['&', '&&'],
  ['and', '&&'],
  [',', '&&'],
  ['||', '||'],
  ['|', '||'],
  ['or', '||'],
]);

function readExpression(reader: Reader): string | null {
  let text = '';
  for (;;) {
    const term = readTerm(reader);
    if (term === null) return null;
    text += term;
    const connector = CONNECTORS.get(word(reader));
    if (connector === undefined) return text;
    reader.next += 1;
    text += ` ${connector} `;
  }
}

function readTerm(reader: Reader): string | null {
  let negation = '';
  while (word(reader) === '!' || startsWithNot(reader)) {
    reader.next += 1;
    negation += '!';
  }
  const primary = readPrimary(reader);
  return primary === null ? null : negation + primary;
}

/** `not` before a key is a negation; before an operator it is a key of that name. */
function startsWithNot(reader: Reader): boolean {
  return word(reader) === 'not' && !OPERATORS.some(([words]) => words[0] === word(reader, 1));
}

function readPrimary(reader: Reader): string | null {
  const name = word(reader);
  if (name === '(') return readGroup(reader);
  if (name === 'has' && word(reader, 1) === '(') return readHas(reader);
  if ((name === 'all' || name === 'global') && endsOrCalls(reader)) return readCall(reader, name);
  return readComparison(reader);
}

function readGroup(reader: Reader): string | null {
  if (reader.depth >= MAX_DEPTH) return null;
  reader.next += 1;
  reader.depth += 1;
  const inner = readExpression(reader);
  reader.depth -= 1;
  return inner !== null && take(reader, ')') ? `(${inner})` : null;
}

function readHas(reader: Reader): string | null {
  const key = unquote(reader.pieces[reader.next + 2] ?? '');
  reader.next += 3;
  return take(reader, ')') ? `has(${key})` : null;
}

function readCall(reader: Reader, name: 'all' | 'global'): string | null {
  reader.next += 1;
  return !take(reader, '(') || take(reader, ')') ? `${name}()` : null;
}

/** Whether the word here stands alone or has parentheses: a call, not a label key. */
function endsOrCalls(reader: Reader): boolean {
  const following = word(reader, 1);
  return ['', '(', ')'].includes(following) || CONNECTORS.has(following);
}

type OperatorForm = readonly [words: readonly string[], meaning: string];

/** Where one spelling begins another, the longer comes first. */
const OPERATORS: readonly OperatorForm[] = [
  [['=='], '=='],
  [['='], '=='],
  [['==='], '=='],
  [[':'], '=='],
  [['is', 'not'], '!='],
  [['is'], '=='],
  [['equals'], '=='],
  [['!='], '!='],
  [['<>'], '!='],
  [['contains'], 'contains'],
  [['starts', 'with'], 'starts with'],
  [['startswith'], 'starts with'],
  [['ends', 'with'], 'ends with'],
  [['endswith'], 'ends with'],
  [['not', 'in'], 'not in'],
  [['notin'], 'not in'],
  [['!', 'in'], 'not in'],
  [['in'], 'in'],
];

/** `key operator value`, the same the other way round, or a key alone: that it exists. */
function readComparison(reader: Reader): string | null {
  const key = reader.pieces[reader.next];
  if (key === undefined) return null;
  reader.next += 1;
  const operator = OPERATORS.find(([words]) => words.every((w, i) => word(reader, i) === w));
  if (operator === undefined) return isQuoted(key) ? null : `has(${key})`;
  const [words, meaning] = operator;
  reader.next += words.length;
  if (meaning === 'in' || meaning === 'not in') return readSet(reader, `${key} ${meaning}`);
  const value = reader.pieces[reader.next];
  if (value === undefined || !isValue(value)) return null;
  reader.next += 1;
  return isQuoted(key) && !isQuoted(value) && (meaning === '==' || meaning === '!=')
    ? `${value} ${meaning} ${quote(key)}`
    : `${key} ${meaning} ${quote(value)}`;
}

const CLOSING: ReadonlyMap<string, string> = new Map([
  ['{', '}'],
  ['(', ')'],
  ['[', ']'],
]);

/** A set in any brackets, or one value without. */
function readSet(reader: Reader, start: string): string | null {
  const closing = CLOSING.get(word(reader));
  if (closing !== undefined) reader.next += 1;
  const values: string[] = [];
  for (let piece = reader.pieces[reader.next]; piece !== undefined && isValue(piece);) {
    values.push(quote(piece));
    reader.next += 1;
    if (closing === undefined || !take(reader, ',')) break;
    piece = reader.pieces[reader.next];
  }
  const isClosed = closing === undefined ? values.length > 0 : take(reader, closing);
  return isClosed ? `${start} {${values.join(', ')}}` : null;
}

function isValue(piece: string): boolean {
  return isQuoted(piece) || /^[^!=<>&|(){}[\],:"'“”„‘’‚]+$/u.test(piece);
}

function isQuoted(piece: string): boolean {
  return piece.length > 1 && /^["'“”„‘’‚]/u.test(piece);
}

function unquote(piece: string): string {
  return isQuoted(piece) ? piece.slice(1, -1) : piece;
}

function quote(piece: string): string {
  return quoteValue(unquote(piece));
}

function take(reader: Reader, piece: string): boolean {
  if (word(reader) !== piece) return false;
  reader.next += 1;
  return true;
}

/** The piece `ahead` of here in lower case; empty past the end. */
function word(reader: Reader, ahead = 0): string {
  return (reader.pieces[reader.next + ahead] ?? '').toLowerCase();
}
