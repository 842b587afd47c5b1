import type { FailsafePort } from '../net/failsafe.ts';

/** The settings that a verdict depends on. */
export interface ExplainSettings {
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
