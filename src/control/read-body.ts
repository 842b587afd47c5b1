import type { IncomingMessage } from 'node:http';
import { ControlError } from './handler.ts';

/** More than any request needs. */
export const BODY_LIMIT = 1024 * 1024;

/** What a request carries as JSON; undefined when it carries nothing. Rejects with ControlError. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // The rest is taken in and thrown away: who is still sending does not hear an answer.
    if (length <= BODY_LIMIT) chunks.push(chunk);
  }
  if (length > BODY_LIMIT) {
    throw new ControlError(413, 'body-too-long', `a body has at most ${BODY_LIMIT} bytes`);
  }
  if (length === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new ControlError(400, 'body-not-json', `the body is not JSON: ${why}`);
  }
}
