import { floatText } from './stored-json.ts';

const LONGEST = 60;

/** A stored value for a message to people: quoted text, a number, or what kind of thing it is. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return quoteText(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return floatText(value) ?? 'an object';
}

/** Text in double quotes, cut when long, control characters escaped. */
export function quoteText(text: string): string {
  return JSON.stringify(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}
