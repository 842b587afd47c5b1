import type { Flow } from '../conntrack/conntrack.ts';
import { explainPacket } from '../explain/explain.ts';
import type { Packet } from '../explain/explain.ts';
import type { ExplainSettings } from '../explain/explain-settings.ts';
import type { NetworkInterface } from '../host/host.ts';
import type { TcpSession } from '../host/tcp-sessions.ts';
import type { LocalPolicy } from '../policy/local-policy.ts';

/** What sessions are judged by. */
export interface SessionJudge {
  readonly policy: LocalPolicy;
  readonly settings: ExplainSettings;
  readonly interfaces: readonly NetworkInterface[];
  /** What connection tracking knows. */
  readonly flows: readonly Flow[];
}

const TCP = 6;

/**
 * The sessions whose next packet, in either direction, the policy denies. A session that connection tracking
 * knows is `established`, so that Calico's rules let it pass unless pre-DNAT or untracked policy says otherwise; one
 * that it does not know, or was made to forget, begins anew and is `new`. Sessions over `lo` pass.
 */
export function refusedSessions(
  sessions: readonly TcpSession[],
  judge: SessionJudge,
): readonly TcpSession[] {
  const known = new Set(judge.flows.filter(({ protocol }) => protocol === TCP).flatMap(keysOf));
  const owners = new Map(
    judge.interfaces.flatMap(({ name, addresses }) =>
      addresses.map((address) => [address, name] as const),
    ),
  );
  return sessions.filter((session) => {
    const name = owners.get(session.local);
    if (name === undefined || owners.has(session.remote)) return false;
    const isKnown = known.has(
      keyOf(session.remote, session.remotePort, session.local, session.localPort),
    );
    return packetsOf(session, name, isKnown ? 'established' : 'new').some(
      (packet) => explainPacket({ ...judge, packet }).verdict === 'deny',
    );
  });
}

// Both directions: with address translation they are not each other's reverse.
function keysOf({ original, reply }: Flow): readonly string[] {
  return [
    keyOf(original.source, original.sourcePort, original.destination, original.destinationPort),
    keyOf(reply.destination, reply.destinationPort, reply.source, reply.sourcePort),
  ];
}

function keyOf(source: string, port: number | null, to: string, toPort: number | null): string {
  return `${source} ${port ?? 0} ${to} ${toPort ?? 0}`;
}

function packetsOf(
  { family, local, localPort, remote, remotePort }: TcpSession,
  name: string,
  conntrack: 'established' | 'new',
): readonly Packet[] {
  const common = {
    ...{ family, protocol: TCP, oifnameAfterDnat: null, icmpType: null, icmpCode: null },
    ...{ hopLimit: 64, mark: 0, conntrack, dnat: null },
  };
  const incoming: Packet = {
    ...common,
    ...{ path: 'input', iifname: name, oifname: '', source: remote, destination: local },
    ...{ sourcePort: remotePort, destinationPort: localPort },
  };
  // What answers a packet that was let in belongs to a flow that is known by then.
  const outgoing: Packet = {
    ...common,
    ...{ path: 'output', iifname: '', oifname: name, source: local, destination: remote },
    ...{ sourcePort: localPort, destinationPort: remotePort, conntrack: 'established' },
  };
  return [incoming, outgoing];
}
