import { quoteText } from './describe-value.ts';

/** What to write instead of a text that is no net. */
export function netAdvice(text: string): string {
  return `${quoteText(text)} is neither a CIDR nor an address; write one such as "10.0.0.0/8".`;
}
