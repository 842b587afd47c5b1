import type { Registry } from 'prom-client';
import { addGauge, addLabelled } from './status-gauges.ts';
import type { GaugeSource } from './status-gauges.ts';
import { isDatastoreLost } from './status-snapshot.ts';
import type { DaemonStatus } from './status-snapshot.ts';

/** Registers gauges under Felix's names, so that dashboards made for Felix show these hosts as well. */
export function setFelixGauges(register: Registry, { status, now }: GaugeSource): void {
  const gauge = (name: string, help: string, read: (status: DaemonStatus) => number): void => {
    addGauge(register, { name: `felix_${name}`, help }, () => read(status()));
  };
  gauge(
    'active_local_endpoints',
    'Active endpoints on this host.',
    ({ endpoints }) => endpoints.filter(({ state }) => state !== 'error').length,
  );
  gauge(
    'active_local_policies',
    'Active policies on this host.',
    ({ counts }) => counts.activePolicies,
  );
  gauge(
    'active_local_selectors',
    'Active selectors on this host.',
    ({ counts }) => counts.activeSelectors,
  );
  gauge('resync_state', '1: waiting for the datastore, 2: resync in progress, 3: in sync.', (s) =>
    resyncState(s, now()),
  );
  gauge('cluster_num_hosts', 'Hosts that have a host endpoint.', ({ counts }) => counts.hosts);
  for (const [name, kinds] of CLUSTER_OBJECTS) {
    gauge(`cluster_num_${name}`, `Objects in the datastore: ${kinds.join(', ')}.`, ({ counts }) =>
      objects(counts, kinds),
    );
  }
  for (const [name, help, read] of NFT_OBJECTS) {
    addLabelled(
      register,
      { name: `felix_nft_${name}`, help, label: 'ip_version' },
      // One table serves both versions.
      () => [['inet', read(status().counts.ruleset)]],
    );
  }
  gauge(
    'label_index_num_endpoints',
    'Endpoints and network sets in the label index.',
    ({ counts }) =>
      objects(counts, ['HostEndpoint', 'WorkloadEndpoint', 'GlobalNetworkSet', 'NetworkSet']),
  );
  addLabelled(register, { name: 'felix_host', help: 'Always 1; for joins.', label: 'host' }, () => [
    [status().nodeName, 1],
  ]);
}

const CLUSTER_OBJECTS: readonly (readonly [string, readonly string[]])[] = [
  ['host_endpoints', ['HostEndpoint']],
  ['workload_endpoints', ['WorkloadEndpoint']],
  ['policies', ['GlobalNetworkPolicy', 'NetworkPolicy']],
  ['profiles', ['Profile']],
  ['tiers', ['Tier']],
];

const NFT_OBJECTS: readonly (readonly [
  string,
  string,
  (ruleset: DaemonStatus['counts']['ruleset']) => number,
])[] = [
  ['chains', 'Chains in our table.', ({ chains }) => chains],
  ['rules', 'Rules in our table.', ({ rules }) => rules],
  ['sets', 'Sets in our table.', ({ sets }) => sets],
];

function objects({ objectsByKind }: DaemonStatus['counts'], kinds: readonly string[]): number {
  return kinds.reduce((sum, kind) => sum + (objectsByKind[kind] ?? 0), 0);
}

// Felix falls back to "waiting" ten minutes after it lost the datastore.
function resyncState(status: DaemonStatus, now: number): number {
  if (isDatastoreLost(status, now)) return 1;
  if (status.inSync) return 3;
  return status.datastore.connected ? 2 : 1;
}
