import { quoteText } from './describe-value.ts';
import type { StoredFelixSpec } from './felix-schema.ts';
import type { Refuse } from './findings.ts';

const LEVELS = ['Debug', 'Info', 'Warning', 'Error', 'Fatal'];
const ALLOW_ACTIONS = ['Accept', 'Return'];
const DENY_ACTIONS = ['Drop', 'Reject'];
const SWITCH = ['Enabled', 'Disabled'];

/** Values of a FelixConfiguration's text fields that calicoctl accepts, in any case unless noted. */
const VALUES: ReadonlyMap<keyof StoredFelixSpec, readonly string[]> = new Map([
  ['logSeverityFile', LEVELS],
  ['logSeverityScreen', [...LEVELS, 'Trace']],
  ['logSeveritySys', LEVELS],
  ['chainInsertMode', ['Insert', 'Append']],
  ['defaultEndpointToHostAction', ['Drop', 'Accept', 'Return']],
  ['iptablesFilterAllowAction', ALLOW_ACTIONS],
  ['iptablesMangleAllowAction', ALLOW_ACTIONS],
  ['iptablesFilterDenyAction', DENY_ACTIONS],
  ['nftablesFilterAllowAction', ALLOW_ACTIONS],
  ['nftablesMangleAllowAction', ALLOW_ACTIONS],
  ['nftablesFilterDenyAction', DENY_ACTIONS],
  ['iptablesBackend', ['Auto', 'Legacy', 'NFT']],
  ['nftablesMode', [...SWITCH, 'Auto']],
  ['ipForwarding', SWITCH],
  ['floatingIPs', SWITCH],
  ['serviceLoopPrevention', ['Drop', 'Reject', 'Disabled']],
  ['workloadSourceSpoofing', ['Disabled', 'Any']],
  ['routeSource', ['WorkloadIPs', 'CalicoIPAM']],
  ['bpfLogLevel', ['Off', 'Info', 'Debug']],
]);

const RATE = /^\d+\/(?:second|minute|hour|day)$/;
const MAX_BURST = 9999;

/** Calico's write-time rules for single values of a FelixConfiguration. */
export function validateFelixValues(spec: StoredFelixSpec, refuse: Refuse): void {
  for (const [name, values] of VALUES) {
    const value = spec[name];
    if (typeof value !== 'string' || value === '') continue;
    if (values.some((known) => known.toLowerCase() === value.toLowerCase())) continue;
    const message = `${quoteText(value)} is not possible here; write ${values.join(', ')}.`;
    refuse('value-invalid', `spec.${name}`, message);
  }
  const { logActionRateLimit: rate, logActionRateLimitBurst: burst = 0 } = spec;
  if (rate !== undefined && !RATE.test(rate)) {
    const message = `${quoteText(rate)} is not a rate; write a number and a unit, such as "10/second".`;
    refuse('value-invalid', 'spec.logActionRateLimit', message);
  }
  if (burst < 0 || burst > MAX_BURST) {
    refuse(
      'value-invalid',
      'spec.logActionRateLimitBurst',
      `Write a number from 0 to ${MAX_BURST}.`,
    );
  }
}
