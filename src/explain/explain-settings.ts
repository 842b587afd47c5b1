import type { FailsafePort } from '../net/failsafe.ts';
import type { Enforcement } from '../policy/local-policy.ts';

/** The settings that a verdict depends on. */
export interface ExplainSettings {
  /** `observe`: nothing is denied on this host, only counted. */
  readonly enforcement: Enforcement;
  readonly failsafeInbound: readonly FailsafePort[];
  readonly failsafeOutbound: readonly FailsafePort[];
  /** Felix `DisableConntrackInvalidCheck`: do not deny packets in state invalid. */
  readonly disableConntrackInvalidCheck: boolean;
  /** Felix `NftablesFilterDenyAction`; where the kernel cannot reject, Deny drops. */
  readonly denyAction: 'Drop' | 'Reject';
  /** Let ICMPv6 neighbour discovery and MLD pass host endpoints whatever policy says. */
  readonly neighbourDiscoveryKeepAlive: boolean;
  /** Felix `Ipv6Support`: false leaves IPv6 unfiltered. */
  readonly ipv6Support: boolean;
}
