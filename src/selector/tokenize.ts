import type { Punctuation, Token, WordOperator } from './token.ts';

/** The longest label key Calico's tokenizer takes, in bytes. */
export const MAX_KEY_BYTES = 512;

const BLANKS = /[ \t]*/y;
const IDENTIFIER = /[A-Za-z0-9_./-]+/y;
const CALL = /(?:has|all|global)\(/y;
const WORD_OPERATOR =
  /(contains|starts[ \t]*with|ends[ \t]*with|not[ \t]*in|in)(?![A-Za-z0-9_./-])/y;

/** By first letter: blanks between the two words are free. */
const WORD_OPERATORS: Readonly<Record<string, WordOperator>> = {
  c: 'contains',
  s: 'starts with',
  e: 'ends with',
  n: 'not in',
};

const PUNCTUATION: ReadonlySet<string> = new Set<Punctuation>([
  '==',
  '!=',
  '!',
  '&&',
  '||',
  '(',
  ')',
  '{',
  '}',
  ',',
]);

/**
 * Splits a selector into tokens by the rules of Calico's tokenizer (white space is blank and tab,
 * strings know no escapes). Always ends with an `end` or an `invalid` token.
 */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  let afterKey = false;
  for (;;) {
    position = skipBlanks(text, position);
    const { token, end } = readToken(text, position, afterKey);
    tokens.push(token);
    if (token.kind === 'end' || token.kind === 'invalid') return tokens;
    afterKey = token.kind === 'identifier';
    position = end;
  }
}

interface Read {
  readonly token: Token;
  readonly end: number;
}

function readToken(text: string, offset: number, afterKey: boolean): Read {
  const first = text[offset];
  if (first === undefined) return { token: { kind: 'end', offset }, end: offset };
  if (first === '"' || first === "'") return readString(text, offset, first);
  return (
    readPunctuation(text, offset) ??
    (afterKey ? readWordOperator(text, offset) : null) ??
    readCall(text, offset) ??
    readIdentifier(text, offset)
  );
}

function readString(text: string, offset: number, quote: string): Read {
  const closing = text.indexOf(quote, offset + 1);
  if (closing < 0) {
    return invalid(offset, `the string that starts here has no closing ${quote}`);
  }
  const value = text.slice(offset + 1, closing);
  return { token: { kind: 'string', offset, value }, end: closing + 1 };
}

function readPunctuation(text: string, offset: number): Read | null {
  for (const length of [2, 1]) {
    const kind = text.slice(offset, offset + length);
    if (isPunctuation(kind)) return { token: { kind, offset }, end: offset + kind.length };
  }
  return null;
}

function isPunctuation(text: string): text is Punctuation {
  return PUNCTUATION.has(text);
}

function readWordOperator(text: string, offset: number): Read | null {
  const word = matchAt(WORD_OPERATOR, text, offset);
  if (word === null) return null;
  return {
    token: { kind: WORD_OPERATORS[word.charAt(0)] ?? 'in', offset },
    end: offset + word.length,
  };
}

/** `has(`, `all(` and `global(` are themselves only with the parenthesis attached. */
function readCall(text: string, offset: number): Read | null {
  const call = matchAt(CALL, text, offset);
  if (call === null) return null;
  const inside = skipBlanks(text, offset + call.length);
  if (call !== 'has(')
    return closeCall(text, inside, { kind: call === 'all(' ? 'all' : 'global', offset });
  const { token, end } = readIdentifier(text, inside);
  if (token.kind !== 'identifier') {
    return token.kind === 'invalid' && token.message === KEY_TOO_LONG
      ? { token, end }
      : invalid(inside, 'has( ) takes one label key, without quotes');
  }
  return closeCall(text, skipBlanks(text, end), { kind: 'has', offset, key: token.key });
}

function closeCall(text: string, offset: number, token: Token): Read {
  if (text[offset] === ')') return { token, end: offset + 1 };
  return invalid(
    offset,
    token.kind === 'has'
      ? 'expected ")" after the label key of has('
      : `${token.kind}() takes nothing between its parentheses`,
  );
}

const KEY_TOO_LONG = `a label key may have at most ${MAX_KEY_BYTES} bytes`;

function readIdentifier(text: string, offset: number): Read {
  const key = matchAt(IDENTIFIER, text, offset);
  if (key === null) return invalid(offset, describeStray(text, offset));
  if (key.length > MAX_KEY_BYTES) return invalid(offset, KEY_TOO_LONG);
  return { token: { kind: 'identifier', offset, key }, end: offset + key.length };
}

function describeStray(text: string, offset: number): string {
  const stray = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  switch (stray) {
    case '=':
      return 'expected "==": a single "=" is not an operator';
    case '&':
      return 'expected "&&": a single "&" is not an operator';
    case '|':
      return 'expected "||": a single "|" is not an operator';
    case '\n':
    case '\r':
      return 'a line break may only stand inside quotes: a selector is written on one line';
    default:
      return `unexpected character ${JSON.stringify(stray)}: label keys are made of A-Z a-z 0-9 _ . / -`;
  }
}

function invalid(offset: number, message: string): Read {
  return { token: { kind: 'invalid', offset, message }, end: offset };
}

function skipBlanks(text: string, offset: number): number {
  return offset + (matchAt(BLANKS, text, offset)?.length ?? 0);
}

function matchAt(pattern: RegExp, text: string, offset: number): string | null {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0] ?? null;
}
