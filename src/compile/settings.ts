import type { FailsafePort } from '../net/failsafe.ts';
import type { Enforcement } from '../policy/local-policy.ts';
import type { DeniedLog } from './denied-log.ts';

/** The settings that shape the ruleset; names and meanings are Felix's. */
export interface CompileSettings {
  /** `observe`: nothing is denied on this host, what would be is counted. */
  readonly enforcement: Enforcement;
  readonly failsafeInbound: readonly FailsafePort[];
  readonly failsafeOutbound: readonly FailsafePort[];
  /** DisableConntrackInvalidCheck: invalid packets are policed like new ones. */
  readonly disableConntrackInvalidCheck: boolean;
  /** NftablesFilterDenyAction. */
  readonly denyAction: 'Drop' | 'Reject';
  /** LogPrefix, `%t %k %n %p` included. */
  readonly logPrefix: string;
  readonly logRateLimit: {
    readonly rate: number;
    readonly per: 'second' | 'minute' | 'hour' | 'day';
    readonly burst: number;
  } | null;
  /** NftablesMarkMask; the two lowest bits of it are used. */
  readonly markMask: number;
  /** Ipv6Support: false leaves IPv6 alone. */
  readonly ipv6Support: boolean;
  /** Neighbour discovery and MLD pass host endpoints whatever their policy says. */
  readonly neighbourDiscoveryKeepAlive: boolean;
  /** Null: what is denied is not logged. */
  readonly deniedLog: DeniedLog | null;
}
