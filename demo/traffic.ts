import { setTimeout as delay } from 'node:timers/promises';
import type { Agent } from '../test/support/agent-client.ts';
import type { StreamResult } from '../test/support/probe.ts';
import { probeOf } from './hosts.ts';
import type { Change } from './change.ts';
import type { Row } from './row.ts';
import type { Stage } from './stage.ts';

const STREAM = 'start';
const WARM_UP = 50;
const STREAM_EVERY_MS = 10;
const STREAM_AFTERWARDS_MS = 300;
const DENIED_AFTER_MS = 400;
const LIMIT_MS = 10_000;

/** Opens the connection that rows with `session` talk over. */
export async function openSession(stage: Stage, row: Row): Promise<void> {
  const probe = probeOf(row.to, row.service);
  const timeoutMs = DENIED_AFTER_MS;
  const outcome = await agentOf(stage, row).call('open', { name: row.to, probe, timeoutMs });
  if (outcome !== 'ok') throw new Error(`no connection from ${row.from} to ${row.to}: ${outcome}`);
}

/**
 * Connects anew as fast as it can and changes a manifest meanwhile. Resolves to how many connections got
 * through, and how many ms after the change the first one began that did not.
 */
export async function changeUnderTraffic(
  stage: Stage,
  change: Change,
  row: Row,
): Promise<{ readonly through: number; readonly deniedAfterMs: number }> {
  const request = { probes: [probeOf(row.to, row.service)], timeoutMs: DENIED_AFTER_MS };
  const agent = agentOf(stage, row);
  const { position } = stage.daemon;
  let changed = Infinity;
  for (let through = 0; ; through++) {
    if (through === WARM_UP) {
      stage.write(change);
      changed = performance.now();
    }
    const deniedAfterMs = performance.now() - changed;
    const [outcome] = await agent.call('probe', request);
    if (outcome !== 'ok' && deniedAfterMs >= 0) {
      await stage.daemon.applied(position);
      await stage.forgetAttempts(row.from);
      return { through, deniedAfterMs };
    }
    if (outcome !== 'ok') throw new Error(`before any change a connection ended in ${outcome}`);
    if (deniedAfterMs > LIMIT_MS) throw new Error(`the change of ${change.about} took no effect`);
  }
}

/** Starts the daemon again while all rows are tried, anew every 10 ms, and some time afterwards. */
export async function startUnderTraffic(
  stage: Stage,
  rows: readonly Row[],
): Promise<readonly StreamResult[]> {
  for (const row of rows) {
    const probe = probeOf(row.to, row.service);
    await agentOf(stage, row).call('stream', { name: STREAM, probe, everyMs: STREAM_EVERY_MS });
  }
  await stage.daemon.start();
  await delay(STREAM_AFTERWARDS_MS);
  return Promise.all(rows.map((row) => endStream(stage, row)));
}

async function endStream(stage: Stage, row: Row): Promise<StreamResult> {
  const result = await agentOf(stage, row).call('endStream', { name: STREAM });
  await stage.forgetAttempts(row.from);
  return result;
}

function agentOf(stage: Stage, row: Row): Agent {
  return stage.lab.hosts[row.from].agent;
}
