import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';

// A BOM is an error to Go's decoder, so it must survive to be one here.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

const FLOAT_KEY = '\u0000float';
const FRACTION = /[:,[]\s*-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)\s*[,\]}]/;
const STRING_OR_FRACTION = /"(?:[^"\\]+|\\.)*"|-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)/g;
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Reads stored bytes as Go's encoding/json does where JavaScript differs: invalid UTF-8 and lone
 * surrogates become U+FFFD, and, unless `fractions` says that nobody minds, numbers written with a fraction
 * or an exponent stay recognisable (`floatLiteral`), because Go refuses `80.0` for an integer. The error
 * says what is wrong.
 */
export function parseStored(
  bytes: Uint8Array,
  fractions: 'keep-fractions' | 'ignore-fractions',
): Result<unknown, string> {
  const text = decoder.decode(bytes);
  try {
    const value: unknown = JSON.parse(text);
    const marked =
      fractions === 'keep-fractions' && FRACTION.test(text) ? markFractions(text) : text;
    if (text.includes('\\u') && SURROGATE_ESCAPE.test(text))
      return ok(JSON.parse(marked, wellFormed));
    return ok(marked === text ? value : JSON.parse(marked));
  } catch (thrown) {
    if (text.trim() === '') return err('the value is empty');
    return err(
      `the value is not JSON (${thrown instanceof Error ? thrown.message : 'unreadable'})`,
    );
  }
}

/** The number, when the value was written with a fraction or an exponent; otherwise null. */
export function floatLiteral(value: unknown): number | null {
  const text = floatText(value);
  return text === null ? null : Number(text);
}

/** How that number was written. */
export function floatText(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !(FLOAT_KEY in value)) return null;
  const text = value[FLOAT_KEY];
  return typeof text === 'string' && Number.isFinite(Number(text)) ? text : null;
}

function markFractions(text: string): string {
  return text.replace(STRING_OR_FRACTION, (token) =>
    token.startsWith('"') ? token : JSON.stringify({ [FLOAT_KEY]: token }),
  );
}

function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(LONE_SURROGATE, '\ufffd') : value;
}
