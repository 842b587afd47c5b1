import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { isReady } from './status-snapshot.ts';
import type { DaemonStatus, EndpointStatus, RulesInForce } from './status-snapshot.ts';

/** Where gauges get their values at every scrape. */
export interface GaugeSource {
  readonly status: () => DaemonStatus;
  readonly now: () => number;
  /** Codes of alarms that are shown as 0 while they are not raised. */
  readonly alarmCodes?: readonly string[];
}

const STATES: readonly EndpointStatus['state'][] = ['up', 'down', 'error'];
const RULES: readonly RulesInForce[] = ['none', 'boot', 'last-good', 'current', 'flushed'];

/** Registers the `rampart_*` gauges. */
export function setStatusGauges(register: Registry, source: GaugeSource): void {
  const { status, now } = source;
  const gauge = (name: string, help: string, read: (status: DaemonStatus) => number): void => {
    addGauge(register, { name: `rampart_${name}`, help }, () => read(status()));
  };
  gauge('in_sync', '1 when a complete view of the datastore is being enforced.', ({ inSync }) =>
    Number(inSync),
  );
  gauge('ready', '1 when /readiness would answer 200.', (s) => Number(isReady(s, now())));
  gauge('datastore_connected', '1 while the datastore answers.', ({ datastore }) =>
    Number(datastore.connected),
  );
  gauge(
    'datastore_ready',
    '1 when ClusterInformation says datastoreReady, or the datastore has no such thing.',
    ({ datastore }) => Number(datastore.ready ?? datastore.type === 'file'),
  );
  gauge(
    'datastore_since_timestamp_seconds',
    'Since when rampart_datastore_connected has been as it is.',
    ({ datastore }) => datastore.since / 1000,
  );
  gauge(
    'datastore_revision',
    'Revision of the last complete view.',
    ({ datastore }) => datastore.revision,
  );
  gauge(
    'last_apply_timestamp_seconds',
    'When a transaction was last tried; 0: never.',
    (s) => (s.lastApply?.at ?? 0) / 1000,
  );
  gauge('ruleset_chains', 'Chains in our table.', ({ counts }) => counts.ruleset.chains);
  gauge('ruleset_rules', 'Rules in our table.', ({ counts }) => counts.ruleset.rules);
  gauge('ruleset_sets', 'Sets in our table.', ({ counts }) => counts.ruleset.sets);
  gauge(
    'ruleset_set_elements',
    'Elements of all those sets.',
    ({ counts }) => counts.ruleset.setElements,
  );
  gauge(
    'active_policies',
    'Policies that select an endpoint of this host.',
    ({ counts }) => counts.activePolicies,
  );
  addLabelledGauges(register, source);
  addEndpointStates(register, status);
  addBuildInfo(register, status);
}

function addLabelledGauges(register: Registry, { status, alarmCodes = [] }: GaugeSource): void {
  const gauge = (
    options: { readonly name: string; readonly help: string; readonly label: string },
    read: (status: DaemonStatus) => Iterable<readonly [string, number]>,
  ): void => {
    addLabelled(register, options, () => read(status()));
  };
  gauge(
    {
      name: 'rampart_active_endpoints',
      help: 'Host endpoints of this host, by state.',
      label: 'state',
    },
    ({ endpoints }) => tally(STATES, endpoints, ({ state }) => state),
  );
  gauge(
    { name: 'rampart_problems', help: 'Problems with objects, by severity.', label: 'severity' },
    ({ problems }) => tally(['error', 'warning'], problems, ({ severity }) => severity),
  );
  gauge(
    { name: 'rampart_alarm', help: '1 while the alarm is raised, by code.', label: 'code' },
    ({ alarms }) => tally(alarmCodes, alarms, ({ code }) => code),
  );
  gauge(
    {
      name: 'rampart_alarm_objects',
      help: 'Objects that a raised alarm is about, by code.',
      label: 'code',
    },
    ({ alarms }) => alarms.map(({ code, objects }) => [code, objects.length] as const),
  );
  gauge(
    {
      name: 'rampart_rules_in_force',
      help: '1 for the kind of rules that protect this host.',
      label: 'rules',
    },
    ({ rulesInForce }) => RULES.map((rules) => [rules, Number(rules === rulesInForce)] as const),
  );
}

function addEndpointStates(register: Registry, status: () => DaemonStatus): void {
  new Gauge({
    name: 'rampart_endpoint_state',
    help: '1 for the present state of each host endpoint of this host.',
    labelNames: ['endpoint', 'state'] as const,
    registers: [register],
    collect() {
      this.reset();
      for (const { name: endpoint, state } of status().endpoints) {
        for (const one of STATES) this.set({ endpoint, state: one }, Number(one === state));
      }
    },
  });
}

function addBuildInfo(register: Registry, status: () => DaemonStatus): void {
  new Gauge({
    name: 'rampart_build_info',
    help: 'Always 1; what is running.',
    labelNames: ['version', 'node_version', 'nftables_version', 'transport'] as const,
    registers: [register],
    collect() {
      const { version, transport } = status();
      this.reset();
      this.set(
        {
          version,
          node_version: process.versions.node,
          nftables_version: transport.version,
          transport: transport.name,
        },
        1,
      );
    },
  });
}

/** Registers a gauge whose value is read at every scrape. */
export function addGauge(
  register: Registry,
  { name, help }: { readonly name: string; readonly help: string },
  read: () => number,
): void {
  new Gauge({
    name,
    help,
    registers: [register],
    collect() {
      this.set(read());
    },
  });
}

/** Registers a gauge with one label; series that `read` leaves out disappear. */
export function addLabelled(
  register: Registry,
  options: { readonly name: string; readonly help: string; readonly label: string },
  read: () => Iterable<readonly [string, number]>,
): void {
  const { name, help, label } = options;
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [register],
    collect() {
      this.reset();
      for (const [value, number] of read()) this.set({ [label]: value }, number);
    },
  });
}

function tally<T>(
  always: readonly string[],
  items: readonly T[],
  labelOf: (item: T) => string,
): ReadonlyMap<string, number> {
  const numbers = new Map(always.map((label) => [label, 0]));
  for (const item of items) numbers.set(labelOf(item), (numbers.get(labelOf(item)) ?? 0) + 1);
  return numbers;
}
