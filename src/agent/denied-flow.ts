import type { LocalPolicy } from '../policy/local-policy.ts';
import type { LoggedPacket } from '../nflog/packet-log.ts';
import type { Denial, Stage } from './denial-index.ts';

/** A packet that policy denied, or would have denied but for this host observing. */
export interface DeniedFlow extends Pick<
  LoggedPacket,
  | 'time'
  | 'protocol'
  | 'source'
  | 'destination'
  | 'sourcePort'
  | 'destinationPort'
  | 'icmpType'
  | 'icmpCode'
  | 'tcpFlags'
> {
  readonly verdict: 'denied' | 'would-deny';
  /** Null, as are all empty fields here, for rules that were replaced meanwhile: `reason` is `replaced`. */
  readonly direction: Denial['direction'] | null;
  readonly interface: string;
  readonly endpoint: string;
  readonly stage: Stage | null;
  readonly reason: Denial['reason'] | 'replaced';
  readonly tier: string;
  readonly kind: string;
  readonly namespace: string;
  readonly policy: string;
  readonly rule: number | null;
}

/** What a flow is told with. */
export interface FlowContext {
  readonly index: ReadonlyMap<string, Denial>;
  readonly endpoints: LocalPolicy['endpoints'];
  readonly isObserving: boolean;
}

const REPLACED = {
  direction: null,
  endpoint: '',
  stage: null,
  reason: 'replaced',
  tier: '',
  kind: '',
  namespace: '',
  policy: '',
  rule: null,
} as const;

/** The flow of a packet that was logged when it was denied. */
export function deniedFlow(packet: LoggedPacket, context: FlowContext): DeniedFlow {
  const { time, protocol, source, destination, sourcePort, destinationPort } = packet;
  const { icmpType, icmpCode, tcpFlags, iifname, oifname, prefix } = packet;
  const seen = {
    ...{ time, protocol, source, destination, sourcePort, destinationPort },
    ...{ icmpType, icmpCode, tcpFlags },
    verdict: context.isObserving ? ('would-deny' as const) : ('denied' as const),
  };
  const denial = context.index.get(prefix);
  if (denial === undefined)
    return { ...seen, ...REPLACED, interface: iifname === '' ? oifname : iifname };
  const { direction, reason, tier, kind, namespace, policy, rule } = denial;
  const name = direction === 'ingress' ? iifname : oifname;
  return {
    ...{ ...seen, direction, reason, tier, kind, namespace, policy, rule },
    interface: name,
    endpoint: denial.endpoint === '' ? governing(context.endpoints, name) : denial.endpoint,
    stage: denial.stage ?? stageOf(packet, denial),
  };
}

function governing(endpoints: LocalPolicy['endpoints'], name: string): string {
  const own = endpoints.find(({ interfaces }) => interfaces !== '*' && interfaces.includes(name));
  const found = own ?? endpoints.find(({ interfaces }) => interfaces === '*');
  return found?.hostEndpoint.name ?? '';
}

// A policy is either untracked, or pre-DNAT, or of the stages of the later hooks.
function stageOf({ hook }: LoggedPacket, { isUntracked }: Denial): Stage {
  if (isUntracked) return 'untracked';
  if (hook === 'prerouting') return 'preDNAT';
  return hook === 'forward' ? 'forward' : 'local';
}
