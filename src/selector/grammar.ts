import { compareBytes } from '../base/byte-order.ts';
import type { SelectorNode } from './selector.ts';
import { tokenize } from './tokenize.ts';
import type { Token } from './token.ts';

/** How deep parentheses may be nested; Calico has no limit, the stack has. */
export const MAX_DEPTH = 200;

/** The longest text of a selector, in characters: matching takes time for each condition, endpoint by endpoint. */
export const MAX_LENGTH = 64 * 1024;

/** Where and why a text is not a selector. */
export interface SyntaxFailure {
  readonly kind: 'failure';
  readonly offset: number;
  readonly message: string;
}

interface Cursor {
  readonly tokens: readonly Token[];
  next: number;
  depth: number;
}

type Parsed = SelectorNode | SyntaxFailure;

type ValueKind = Extract<SelectorNode, { readonly value: string }>['kind'];
type SetKind = Extract<SelectorNode, { readonly values: readonly string[] }>['kind'];

const COMPARISONS: ReadonlyMap<Token['kind'], ValueKind | SetKind> = new Map([
  ['==', 'equals'],
  ['!=', 'not-equals'],
  ['contains', 'contains'],
  ['starts with', 'starts-with'],
  ['ends with', 'ends-with'],
  ['in', 'in'],
  ['not in', 'not-in'],
]);

/** Parses by Calico's grammar: `!` binds tightest, then `&&`, then `||`; a blank text is `all()`. */
export function parseTree(text: string): Parsed {
  if (text.length > MAX_LENGTH) {
    const message = `a selector has at most ${MAX_LENGTH} characters, this one has ${text.length}`;
    return { kind: 'failure', offset: MAX_LENGTH, message };
  }
  const cursor: Cursor = { tokens: tokenize(text), next: 0, depth: 0 };
  if (peek(cursor).kind === 'end') return { kind: 'all' };
  const root = parseOr(cursor);
  if (root.kind === 'failure') return root;
  const rest = peek(cursor);
  if (rest.kind === 'end') return root;
  return failAt(rest, 'expected "&&", "||" or the end of the selector');
}

function parseOr(cursor: Cursor): Parsed {
  return parseList(cursor, '||', parseAnd);
}

function parseAnd(cursor: Cursor): Parsed {
  return parseList(cursor, '&&', parseUnary);
}

function parseList(
  cursor: Cursor,
  separator: '&&' | '||',
  parseOperand: (cursor: Cursor) => Parsed,
): Parsed {
  const operands: SelectorNode[] = [];
  do {
    const operand = parseOperand(cursor);
    if (operand.kind === 'failure') return operand;
    operands.push(operand);
  } while (accept(cursor, separator));
  const [first] = operands;
  if (operands.length === 1 && first !== undefined) return first;
  return { kind: separator === '&&' ? 'and' : 'or', operands };
}

function parseUnary(cursor: Cursor): Parsed {
  let negated = false;
  while (accept(cursor, '!')) negated = !negated;
  const operand = parsePrimary(cursor);
  if (!negated || operand.kind === 'failure') return operand;
  return operand.kind === 'not' ? operand.operand : { kind: 'not', operand };
}

function parsePrimary(cursor: Cursor): Parsed {
  const token = advance(cursor);
  if (token.kind === 'has') return { kind: 'has', key: token.key };
  if (token.kind === 'all' || token.kind === 'global') return { kind: token.kind };
  if (token.kind === '(') return parseGroup(cursor, token);
  if (token.kind === 'identifier') return parseComparison(cursor, token.key);
  return failAt(
    token,
    token.kind === 'string'
      ? 'a label key was expected: the value in quotes goes to the right of the operator'
      : 'a label key, has(key), all() or "(" was expected',
  );
}

function parseGroup(cursor: Cursor, open: Token): Parsed {
  if (cursor.depth >= MAX_DEPTH) {
    return failAt(open, `parentheses are nested more than ${MAX_DEPTH} levels deep`);
  }
  cursor.depth += 1;
  const inner = parseOr(cursor);
  cursor.depth -= 1;
  if (inner.kind === 'failure') return inner;
  const close = advance(cursor);
  return close.kind === ')' ? inner : failAt(close, 'expected ")", "&&" or "||"');
}

function parseComparison(cursor: Cursor, key: string): Parsed {
  const operator = advance(cursor);
  const kind = COMPARISONS.get(operator.kind);
  if (kind === undefined) {
    return failAt(operator, `an operator was expected after the label key ${key}`);
  }
  return kind === 'in' || kind === 'not-in'
    ? parseSet(cursor, kind, key)
    : parseValue(cursor, kind, key);
}

function parseValue(cursor: Cursor, kind: ValueKind, key: string): Parsed {
  const token = advance(cursor);
  if (token.kind === 'string') return { kind, key, value: token.value };
  return failAt(token, 'a value in quotes was expected');
}

function parseSet(cursor: Cursor, kind: SetKind, key: string): Parsed {
  const open = advance(cursor);
  if (open.kind !== '{') return failAt(open, 'a set such as {"a", "b"} was expected');
  const values = new Set<string>();
  for (let token = peek(cursor); token.kind === 'string'; token = peek(cursor)) {
    advance(cursor);
    values.add(token.value);
    if (!accept(cursor, ',')) break;
  }
  const close = advance(cursor);
  if (close.kind !== '}') {
    return failAt(close, 'expected "}": a set holds values in quotes, separated by commas');
  }
  return { kind, key, values: [...values].sort(compareBytes) };
}

function failAt(token: Token, message: string): SyntaxFailure {
  const { offset } = token;
  if (token.kind === 'invalid') return { kind: 'failure', offset, message: token.message };
  const found = token.kind === 'end' ? 'the selector ends too early: ' : '';
  return { kind: 'failure', offset, message: found + message };
}

function accept(cursor: Cursor, kind: Token['kind']): boolean {
  if (peek(cursor).kind !== kind) return false;
  cursor.next += 1;
  return true;
}

/** Past the last token it stays there: `end` and `invalid` are never consumed. */
function advance(cursor: Cursor): Token {
  const token = peek(cursor);
  if (token.kind !== 'end' && token.kind !== 'invalid') cursor.next += 1;
  return token;
}

function peek(cursor: Cursor): Token {
  return cursor.tokens[cursor.next] ?? { kind: 'end', offset: 0 };
}
