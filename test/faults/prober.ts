import assert from 'node:assert/strict';
import type { Agent } from '../support/agent-client.ts';
import type { StreamResult } from '../support/probe.ts';

const EVERY_MS = 10;
const CONNECTION = 'kept open';
const ANSWER_MS = 2000;

/** A protected host, one of its TCP ports that clients may use, and one that they may not. */
export interface Target {
  readonly host: string;
  readonly permitted: number;
  readonly forbidden: number;
}

/** What clients saw while something went wrong. */
export interface Seen {
  readonly permitted: StreamResult;
  readonly forbidden: StreamResult;
  /** Whether the connection that was open before still carries data. */
  readonly isConnected: boolean;
}

/** Hammers both ports and keeps a connection open while `fault` runs. */
export async function hammered(
  client: Agent,
  target: Target,
  fault: () => Promise<unknown>,
): Promise<Seen> {
  const probe = { kind: 'tcp', dst: target.host, port: target.permitted } as const;
  const opened = await client.call('open', { name: CONNECTION, probe, timeoutMs: ANSWER_MS });
  if (opened !== 'ok') throw new Error(`the permitted port answers ${opened}`);
  for (const name of ['permitted', 'forbidden'] as const) {
    const port = target[name];
    await client.call('stream', { name, probe: { ...probe, port }, everyMs: EVERY_MS });
  }
  let exchanged = '';
  let permitted: StreamResult;
  let forbidden: StreamResult;
  try {
    await fault();
    exchanged = await client.call('exchange', { name: CONNECTION, timeoutMs: ANSWER_MS });
  } finally {
    await client.call('close', { name: CONNECTION });
    permitted = await client.call('endStream', { name: 'permitted' });
    forbidden = await client.call('endStream', { name: 'forbidden' });
  }
  return { permitted, forbidden, isConnected: exchanged === 'ok' };
}

/** Nothing leaked, nothing was refused that is permitted, no connection was lost. `said`: by the daemon meanwhile. */
export function assertUnharmed(
  { permitted, forbidden, isConnected }: Seen,
  said: readonly string[] = [],
): void {
  assert.ok(permitted.sent > 0 && forbidden.sent > 0, 'nothing was sent');
  const leaked = (forbidden.answeredAtMs ?? []).join(', ');
  assert.equal(
    forbidden.answered,
    0,
    `${forbidden.answered} leaks of ${forbidden.sent}, sent ${leaked} ms after the first; the daemon said: ${said.join(', ')}`,
  );
  assert.equal(permitted.answered, permitted.sent, 'permitted connections failed');
  assert.ok(isConnected, 'an established connection was lost');
}
