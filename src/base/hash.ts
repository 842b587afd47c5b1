import { createHash } from 'node:crypto';

/** First 24 hex digits (96 bits) of SHA-256 over the UTF-8 of `text`: a name for content, not a secret. */
export function contentHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}
