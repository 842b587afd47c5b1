import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';

/** What one rule of a policy or profile has counted. */
export interface RuleTraffic {
  readonly labels: {
    /** The policy's or profile's name in the datastore. */
    readonly policy: string;
    readonly kind: string;
    /** Empty for cluster scope. */
    readonly namespace: string;
    /** Empty for profiles. */
    readonly tier: string;
    readonly direction: 'ingress' | 'egress';
    /** Position in `spec.ingress` or `spec.egress`, from 0. */
    readonly rule: string;
    readonly action: 'Allow' | 'Deny' | 'Pass' | 'Log';
  };
  readonly packets: number;
  readonly bytes: number;
}

/** What an endpoint denied without a rule that says so. */
export interface DenialTraffic {
  readonly labels: {
    /** `tier`: at the end of a tier. `endpoint`: nothing decided. `invalid`: conntrack calls it invalid. */
    readonly reason: 'tier' | 'endpoint' | 'invalid';
    readonly endpoint: string;
    /** Empty unless `reason` is `tier`. */
    readonly tier: string;
    readonly direction: 'ingress' | 'egress';
  };
  readonly packets: number;
  readonly bytes: number;
}

/** What would have been denied but for somebody observing. */
export interface WouldDenyTraffic {
  readonly labels: {
    /** `rule`: by a rule of a policy or profile; else as for denials. */
    readonly reason: 'rule' | DenialTraffic['labels']['reason'];
    /** The policy's or profile's name in the datastore; empty unless `reason` is `rule`. */
    readonly policy: string;
    readonly kind: string;
    readonly namespace: string;
    readonly rule: string;
    readonly tier: string;
    readonly direction: 'ingress' | 'egress';
    /** Empty for rules, which count on all endpoints. */
    readonly endpoint: string;
  };
  readonly packets: number;
  readonly bytes: number;
}

/** All of it; no value is ever below an earlier one with the same labels. */
export interface Traffic {
  readonly rules: readonly RuleTraffic[];
  readonly denials: readonly DenialTraffic[];
  readonly wouldDeny: readonly WouldDenyTraffic[];
}

/** How many members a set of addresses has. */
export interface SetSize {
  readonly labels: {
    readonly set: string;
    readonly kind: 'selector' | 'named-port';
    readonly family: '4' | '6';
    /** The canonical selector, shortened. */
    readonly selector: string;
  };
  readonly members: number;
}

/** Flows whose verdict a staged policy would change. */
export interface StagedChange {
  readonly labels: {
    /** Empty: all staged policies together. */
    readonly policy: string;
    readonly change: 'allow-to-deny' | 'deny-to-allow';
  };
  readonly flows: number;
}

interface Counted {
  readonly labels: Readonly<Record<string, string>>;
  readonly packets: number;
  readonly bytes: number;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

const WOULD_DENY = [
  'reason',
  'policy',
  'kind',
  'namespace',
  'rule',
  'tier',
  'direction',
  'endpoint',
];

/** Registers counters that are read from the kernel at every scrape. */
export function setTrafficCounters(register: Registry, read: () => Promise<Traffic>): void {
  const rules = ['policy', 'kind', 'namespace', 'tier', 'direction', 'rule', 'action'];
  const denials = ['reason', 'endpoint', 'tier', 'direction'];
  for (const unit of ['packets', 'bytes'] as const) {
    const what = unit === 'packets' ? 'Packets' : 'Bytes';
    addCounter(
      register,
      {
        name: `rampart_rule_${unit}_total`,
        help: `${what} that matched a rule of a policy or profile, on all endpoints and in all stages.`,
        labelNames: rules,
      },
      async () => amounts((await read()).rules, unit),
    );
    addCounter(
      register,
      {
        name: `rampart_denied_${unit}_total`,
        help: `${what} that an endpoint denied without a rule that says so.`,
        labelNames: denials,
      },
      async () => amounts((await read()).denials, unit),
    );
    addCounter(
      register,
      {
        name: `rampart_would_deny_${unit}_total`,
        help: `${what} that would have been denied, were it not for this host or a tier observing.`,
        labelNames: WOULD_DENY,
      },
      async () => amounts((await read()).wouldDeny, unit),
    );
  }
}

/** Registers the sizes of the sets that rules ask. */
export function setSetSizes(register: Registry, read: () => readonly SetSize[]): void {
  new Gauge({
    name: 'rampart_set_members',
    help: 'Addresses, networks or address-port pairs that a selector stands for, by family.',
    labelNames: ['set', 'kind', 'family', 'selector'],
    registers: [register],
    collect() {
      this.reset();
      for (const { labels, members } of read()) this.set(labels, members);
    },
  });
}

/** Registers what staged policies would change. */
export function setStagedFlows(register: Registry, read: () => readonly StagedChange[]): void {
  addCounter(
    register,
    {
      name: 'rampart_staged_flows_total',
      help: 'Flows whose verdict a staged policy would change, since it is as it is; no policy: all together.',
      labelNames: ['policy', 'change'],
    },
    () => Promise.resolve(read().map(({ labels, flows }) => [labels, flows] as const)),
  );
}

/** Denied packets that were told of one by one. */
export interface DeniedFlowCounts {
  readonly denied: readonly {
    readonly labels: { readonly tier: string; readonly policy: string; readonly reason: string };
    readonly flows: number;
  }[];
  /** Logged, but not heard. */
  readonly lost: number;
}

/** Registers what was told of denied packets. */
export function setDeniedFlows(register: Registry, read: () => DeniedFlowCounts): void {
  addCounter(
    register,
    {
      name: 'rampart_denied_flows_total',
      help: 'Denied packets that were told of (flows.denied): within the limit of each rule, unlike rampart_rule_packets_total.',
      labelNames: ['tier', 'policy', 'reason'],
    },
    () => Promise.resolve(read().denied.map(({ labels, flows }) => [labels, flows] as const)),
  );
  addCounter(
    register,
    {
      name: 'rampart_denied_flows_lost_total',
      help: 'Denied packets that the kernel logged and that came too fast to be read.',
      labelNames: [],
    },
    () => Promise.resolve([[{}, read().lost] as const]),
  );
}

type Amounts = readonly (readonly [Counted['labels'], number])[];

function amounts(counted: readonly Counted[], unit: 'packets' | 'bytes'): Amounts {
  return counted.map((one) => [one.labels, one[unit]] as const);
}

function addCounter(
  register: Registry,
  { name, help, labelNames }: Family,
  read: () => Promise<Amounts>,
): void {
  new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers: [register],
    async collect() {
      const present = await read();
      this.reset();
      for (const [labels, amount] of present) this.inc(labels, amount);
    },
  });
}
