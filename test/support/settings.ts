import { DEFAULT_FAILSAFE_INBOUND, DEFAULT_FAILSAFE_OUTBOUND } from '../../src/net/failsafe.ts';
import type { CompileSettings } from '../../src/compile/settings.ts';

/** Felix's defaults, with exact parity for neighbour discovery. */
export const SETTINGS: CompileSettings = {
  enforcement: 'enforce',
  failsafeInbound: DEFAULT_FAILSAFE_INBOUND,
  failsafeOutbound: DEFAULT_FAILSAFE_OUTBOUND,
  disableConntrackInvalidCheck: false,
  denyAction: 'Drop',
  logPrefix: 'calico-packet',
  logRateLimit: null,
  markMask: 0xffff0000,
  ipv6Support: true,
  neighbourDiscoveryKeepAlive: false,
  deniedLog: null,
};
