import { err, ok } from '../base/result.ts';
import {
  DEFAULT_FAILSAFE_INBOUND,
  DEFAULT_FAILSAFE_OUTBOUND,
  parseFailsafePorts,
} from '../net/failsafe.ts';
import {
  felixInteger,
  parseFelixBoolean,
  parseFelixSeconds,
  parseMarkMask,
  parseRate,
} from './felix-value.ts';
import type { FelixParser, Rate } from './felix-value.ts';
import { parseInterfacePatterns } from './interface-pattern.ts';
import type { InterfacePattern } from './interface-pattern.ts';

/** One Felix parameter that is honoured. */
export interface FelixParameter<T> {
  /** As Calico's documentation spells it. */
  readonly name: string;
  readonly defaultValue: T;
  readonly parse: FelixParser<T>;
}

/** Emergency ports that policy never closes; a list that cannot be read leaves the weaker layer's in force. */
export const FAILSAFE_INBOUND = parameter(
  'FailsafeInboundHostPorts',
  DEFAULT_FAILSAFE_INBOUND,
  parseFailsafes,
);

/** The same for connections that this host makes. */
export const FAILSAFE_OUTBOUND = parameter(
  'FailsafeOutboundHostPorts',
  DEFAULT_FAILSAFE_OUTBOUND,
  parseFailsafes,
);

/** True: packets that conntrack calls invalid are not dropped beforehand. */
export const DISABLE_CONNTRACK_INVALID_CHECK = parameter(
  'DisableConntrackInvalidCheck',
  false,
  parseFelixBoolean,
);

/** What denied packets meet. An nftables agent reads only this name, never IptablesFilterDenyAction. */
export const FILTER_DENY_ACTION = parameter<'Drop' | 'Reject'>(
  'NftablesFilterDenyAction',
  'Drop',
  (text) => {
    const word = text.toLowerCase();
    if (word === 'drop') return ok('Drop');
    return word === 'reject' ? ok('Reject') : err('write DROP or REJECT');
  },
);

/** Which bits of the packet mark belong to this program. */
export const MARK_MASK = parameter('NftablesMarkMask', 0xffff0000, parseMarkMask);

/** What the kernel log line of a Log rule begins with; `%t`, `%k`, `%n` and `%p` are filled in per rule. */
export const LOG_PREFIX = parameter('LogPrefix', 'calico-packet', (text) => {
  if (text.toLowerCase() === 'none') return ok('');
  return /^.*$/.test(text) ? ok(text) : err('write text on one line');
});

/** How often all Log rules together may log; null: no limit. */
export const LOG_RATE_LIMIT = parameter<Rate | null>('LogActionRateLimit', null, parseRate);

/** How many lines may come at once before the limit bites. */
export const LOG_RATE_LIMIT_BURST = parameter('LogActionRateLimitBurst', 5, felixInteger(0, 9999));

/** False: nothing is programmed for IPv6, which is then not filtered. */
export const IPV6_SUPPORT = parameter('Ipv6Support', true, parseFelixBoolean);

/** Interfaces that no host endpoint is matched with. */
export const INTERFACE_EXCLUDE = parameter<readonly InterfacePattern[]>(
  'InterfaceExclude',
  [{ kind: 'name', name: 'kube-ipvs0' }],
  (text) => {
    const patterns = text.toLowerCase() === 'none' ? [] : parseInterfacePatterns(text);
    return patterns === null
      ? err('write interface names and /regular expressions/, separated by commas')
      : ok(patterns);
  },
);

/** Whether the state of this host's endpoints is written back to etcd. */
export const ENDPOINT_REPORTING_ENABLED = parameter(
  'EndpointReportingEnabled',
  false,
  parseFelixBoolean,
);

/** How often at most; milliseconds. */
export const ENDPOINT_REPORTING_DELAY = parameter(
  'EndpointReportingDelaySecs',
  1000,
  parseFelixSeconds,
);

/** How often the state of this process is written to etcd, where endpoints are; milliseconds, 0: never. */
export const REPORTING_INTERVAL = parameter('ReportingIntervalSecs', 30_000, parseFelixSeconds);

/** How long etcd keeps it after the last write; milliseconds. */
export const REPORTING_TTL = parameter('ReportingTTLSecs', 90_000, parseFelixSeconds);

function parameter<T>(name: string, defaultValue: T, parse: FelixParser<T>): FelixParameter<T> {
  return { name, defaultValue, parse };
}

// Having no failsafe ports at all can lock everybody out, so it takes the word; a stray blank or comma is a mistake.
function parseFailsafes(text: string): ReturnType<typeof parseFailsafePorts> {
  const ports = parseFailsafePorts(text);
  const isMeant = !ports.ok || ports.value.length > 0 || text.trim().toLowerCase() === 'none';
  return isMeant
    ? ports
    : err('write ports such as tcp:22,udp:10.0.0.0/8:53, or none for no failsafe ports');
}
