import { setTimeout as wait } from 'node:timers/promises';
import type { ControlClient } from '../../../src/control/client.ts';
import type { FlowsAnswer, FlowView } from '../../../src/control/wire.ts';
import { protocolName } from '../../../src/net/protocol.ts';
import { EXIT } from '../../exit-codes.ts';
import type { Call } from '../command.ts';
import { usageError } from '../ctl-error.ts';
import type { Output } from '../output.ts';
import { formatTable } from '../table.ts';
import { askDaemon } from './ask-daemon.ts';

const HEADER = ['TIME', 'FLOW', 'DIRECTION', 'INTERFACE', 'ENDPOINT', 'STAGE', 'BY'];
const MOST = 1000;
const DEFAULT_LIMIT = 50;
const LOOK_MS = 500;

/** `rampartctl flows [--follow]`: what policy denied of late. */
export async function run({ options, output }: Call): Promise<number> {
  const limit = numberOf('--limit', options['limit'], DEFAULT_LIMIT);
  const times = numberOf('--count', options['count'], Infinity);
  await askDaemon(async (client) => {
    const answer = await client.flows({ after: 0, limit });
    const doubt = doubtOf(answer);
    if (doubt !== null) output.note(`${output.paint('yellow', 'warning:')} ${doubt}`);
    const isFollowing = options['follow'] === true;
    if (!isFollowing || answer.flows.length > 0)
      await output.print(answer, () => table(answer.flows, output));
    if (isFollowing) await follow(client, { after: answer.last, times, output });
  }, '');
  return EXIT.ok;
}

interface Following {
  readonly after: number;
  /** How many flows to wait for. */
  readonly times: number;
  readonly output: Output;
}

async function follow(client: ControlClient, { after, times, output }: Following): Promise<void> {
  let last = after;
  for (let seen = 0; seen < times;) {
    await wait(LOOK_MS);
    const answer = await client.flows({ after: last, limit: MOST });
    // A daemon that was started anew numbers from 1 again.
    last = answer.last;
    seen += answer.flows.length;
    if (answer.flows.length > 0) await output.print(answer, () => lines(answer.flows));
  }
}

function doubtOf({ enabled, fault, lost }: FlowsAnswer): string | null {
  if (!enabled) return 'flows.denied is off: set it in rampart.yaml and reload rampartd';
  if (fault !== null) return fault;
  return lost === 0 ? null : `${lost} denied packets came too fast to be told of`;
}

function table(flows: readonly FlowView[], { columns }: Output): string {
  if (flows.length === 0) return 'nothing was denied';
  return formatTable(HEADER, flows.map(row), columns);
}

function lines(flows: readonly FlowView[]): string {
  return flows.map((flow) => row(flow).join('  ')).join('\n');
}

function row(flow: FlowView): readonly string[] {
  const ends = `${end(flow.source, flow.sourcePort)} to ${end(flow.destination, flow.destinationPort)}`;
  return [
    flow.at,
    `${protocolName(flow.protocol)} ${ends}${icmp(flow)}`,
    flow.direction ?? '-',
    flow.interface,
    flow.endpoint === '' ? '-' : flow.endpoint,
    flow.stage ?? '-',
    `${by(flow)}${flow.verdict === 'denied' ? '' : ' (observed)'}`,
  ];
}

function by({ reason, tier, kind, namespace, policy, rule }: FlowView): string {
  const name = namespace === '' ? policy : `${namespace}/${policy}`;
  switch (reason) {
    case 'rule':
      return `${kind} ${name}, rule ${rule ?? 0}`;
    case 'tier':
      return `end of tier ${tier}`;
    case 'endpoint':
      return 'no profile allows it';
    case 'invalid':
      return 'invalid to conntrack';
    case 'replaced':
      return 'rules that were replaced';
  }
}

function icmp({ icmpType, icmpCode }: FlowView): string {
  return icmpType === null ? '' : `, type ${icmpType} code ${icmpCode ?? 0}`;
}

function end(address: string, port: number | null): string {
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function numberOf(option: string, given: unknown, otherwise: number): number {
  if (typeof given !== 'string') return otherwise;
  const value = Number(given);
  if (Number.isInteger(value) && value >= 1 && value <= MOST) return value;
  throw usageError(`${option}: write a whole number from 1 to ${MOST}, not "${given}"`);
}
