import { quoteText } from './describe-value.ts';
import type { BadSelector } from './rewrite-selector.ts';

/** What is wrong with a selector and what to write instead. */
export function selectorAdvice(bad: BadSelector): string {
  const where = `${quoteText(bad.text)} is not a selector (character ${bad.offset + 1}: ${bad.message}).`;
  return bad.hint === null ? where : `${where} Did you mean: ${bad.hint}?`;
}
