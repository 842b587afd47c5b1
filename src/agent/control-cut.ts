import { HostError } from '../base/errors.ts';
import { ControlError } from '../control/handler.ts';
import type { CutAnswer, CutRequest } from '../control/wire.ts';
import { packetsWithin } from '../explain/packets-within.ts';
import type { ConnectionCutter, Meant } from './connection-cutter.ts';

/** Answers POST /v1/cut; `endpoints` are those of this host by name. Rejects with ControlError. */
export async function cutAnswer(
  body: unknown,
  cutter: Pick<ConnectionCutter, 'look' | 'cut'>,
  endpoints: readonly string[],
): Promise<CutAnswer> {
  const { dryRun, nets, endpoint, atMost } = readCut(body);
  if (endpoint !== null && !endpoints.includes(endpoint)) {
    const known = endpoints.length === 0 ? 'there is none' : `there is ${endpoints.join(', ')}`;
    throw new ControlError(
      404,
      'unknown-endpoint',
      `no HostEndpoint of this host is called "${endpoint}"; ${known}`,
    );
  }
  const within = packetsWithin(nets);
  if (!within.ok) throw new ControlError(400, 'bad-request', `nets: ${within.error}`);
  const isMeant: Meant = (refusal) =>
    within.value(refusal.packet) && (endpoint === null || refusal.endpoint === endpoint);
  const report = await ask(() =>
    dryRun ? cutter.look(isMeant, atMost ?? Infinity) : cutter.cut(isMeant),
  );
  const flows = report.flows.map((one) => ({ ...one, packet: { ...one.packet } }));
  return { dryRun, ...report, flows };
}

async function ask<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (thrown) {
    if (!(thrown instanceof HostError)) throw thrown;
    throw new ControlError(
      502,
      'conntrack-unavailable',
      `the live connections cannot be read: ${thrown.message}`,
    );
  }
}

function readCut(body: unknown): CutRequest {
  const {
    dryRun,
    nets,
    endpoint,
    atMost = null,
  } = (typeof body === 'object' && body !== null ? body : {}) as {
    readonly [Field in keyof CutRequest]?: unknown;
  };
  if (typeof dryRun !== 'boolean') throw bad('dryRun: write true or false');
  const isTexts = Array.isArray(nets) && nets.every((one) => typeof one === 'string');
  if (!isTexts) throw bad('nets: write a list of addresses and networks; an empty one is all');
  if (endpoint !== null && typeof endpoint !== 'string')
    throw bad('endpoint: write the name of a HostEndpoint, or null for any');
  if (atMost !== null && typeof atMost !== 'number')
    throw bad('atMost: write a number of connections, or null for all');
  return { dryRun, nets, endpoint, atMost };
}

function bad(message: string): ControlError {
  return new ControlError(400, 'bad-request', message);
}
