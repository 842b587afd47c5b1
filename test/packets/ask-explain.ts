import { ControlClientError } from '../../src/control/client.ts';
import type { ControlClient } from '../../src/control/client.ts';
import type { ExplainAnswer } from '../../src/control/wire.ts';
import type { Packet, PacketConntrack } from '../../src/net/packet.ts';
import type { Outcome } from '../support/probe.ts';
import type { Check } from './check.ts';
import type { Seen } from './flow.ts';

/** Asks the daemon of a host; null: it does not run. */
export type ClientOf = (host: Seen['host']) => ControlClient | null;

/** What explain says of a flow: whether it gets through, and the answers that say so. */
export interface Explained {
  readonly passes: boolean;
  readonly answers: readonly ExplainAnswer[];
}

/**
 * Asks the daemons on the way what becomes of a flow: of its first packet, of the answer, and of the third packet,
 * which is out of place when connection tracking saw only one of the two. Null where a daemon cannot say.
 */
export async function explainFlow(
  seen: readonly Seen[],
  clientOf: ClientOf,
): Promise<Explained | null> {
  const answers: ExplainAnswer[] = [];
  for (const { host, packet } of seen) {
    const client = clientOf(host);
    if (client === null) return null;
    for (const next of exchange(packet)) {
      const asked = next(answers.at(-1) ?? null);
      if (asked === null) break;
      const answer = await ask(client, asked);
      if (answer?.rulesInForce !== 'current') return null;
      answers.push(answer);
      if (answer.verdict === 'deny') return { passes: false, answers };
    }
  }
  return { passes: true, answers };
}

/** Makes the next packet of an exchange of what was said of the one before; null: it is the end. */
type Next = (before: ExplainAnswer | null) => Packet | null;

function exchange(first: Packet): readonly Next[] {
  let isTracked = true;
  return [
    () => first,
    (before) => {
      isTracked = before?.tracked === true;
      // The answer to a translated packet is of a known connection, and looks different on each hop.
      if (isTracked && first.dnat !== null) return null;
      return answerTo(first, isTracked ? 'established' : stateAlone(first));
    },
    (before) => {
      const isHalfKnown = first.protocol === 6 && isTracked && before?.tracked === false;
      return isHalfKnown ? { ...first, conntrack: 'invalid' } : null;
    },
  ];
}

// Without the packet before it: a datagram starts a connection, others are out of place.
function stateAlone({ protocol }: Packet): PacketConntrack {
  return protocol === 17 ? 'new' : 'invalid';
}

/** What is wrong when explain and the kernel disagree; undefined when they agree. */
export function disagreement(
  check: Check,
  { passes, answers }: Explained,
  outcome: Outcome,
): string | undefined {
  if (passes === (outcome === 'ok')) return undefined;
  const said = answers.map(({ verdict, packet, trail }) =>
    [verdict, JSON.stringify(packet), ...trail.map((step) => JSON.stringify(step))].join('\n  '),
  );
  const to = typeof check.to === 'object' ? check.to.address : check.to;
  const way = `${check.from} → ${to} ${check.traffic.text}`;
  return `${way}: explain says ${passes ? 'allow' : 'deny'}, the kernel says ${outcome}:\n${said.join('\n')}`;
}

async function ask(client: ControlClient, packet: Packet): Promise<ExplainAnswer | null> {
  try {
    return await client.explain({ ...packet });
  } catch (thrown) {
    if (thrown instanceof ControlClientError && MAY_NOT_SAY.has(thrown.code)) return null;
    throw thrown;
  }
}

const MAY_NOT_SAY: ReadonlySet<string> = new Set([
  'daemon-not-running',
  'daemon-unreachable',
  'not-applied-yet',
]);

const WAY_BACK = {
  input: 'output',
  output: 'input',
  forward: 'forward',
  loopback: 'loopback',
} as const;

function answerTo(packet: Packet, conntrack: PacketConntrack): Packet {
  return {
    ...packet,
    path: WAY_BACK[packet.path],
    iifname: packet.oifname,
    oifname: packet.iifname,
    source: packet.destination,
    destination: packet.source,
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
    icmpType: answerType(packet),
    conntrack,
  };
}

function answerType({ icmpType, family }: Packet): number | null {
  if (icmpType === null) return null;
  if (family === 6) return icmpType + 1;
  return icmpType === 8 ? 0 : icmpType + 1;
}
