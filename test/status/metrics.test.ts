import assert from 'node:assert/strict';
import { createMetrics } from '../../src/status/metrics.ts';
import type { Metrics } from '../../src/status/metrics.ts';
import type { DaemonStatus } from '../../src/status/status-snapshot.ts';
import { createBusyMetrics, seriesOf } from './full-scrape.ts';
import { away, NOW, SAMPLE } from './sample-status.ts';

function create(status: () => DaemonStatus): Metrics {
  return createMetrics({ status, now: () => NOW, hasProcessMetrics: false });
}

describe('createMetrics', () => {
  it('reads gauges from the status at every scrape', async () => {
    let status: DaemonStatus = SAMPLE;
    const metrics = create(() => status);
    assert.equal((await seriesOf(metrics)).get('rampart_datastore_revision'), 4711);
    status = { ...SAMPLE, datastore: { ...SAMPLE.datastore, revision: 4712 } };
    assert.equal((await seriesOf(metrics)).get('rampart_datastore_revision'), 4712);
  });

  it('tells the state of a healthy host', async () => {
    const all = await seriesOf(create(() => SAMPLE));
    const expected: Readonly<Record<string, number>> = {
      rampart_in_sync: 1,
      rampart_ready: 1,
      rampart_datastore_connected: 1,
      rampart_datastore_ready: 1,
      rampart_datastore_since_timestamp_seconds: (NOW - 50_000) / 1000,
      'rampart_endpoint_state{endpoint="web01-eth0",state="up"}': 1,
      'rampart_endpoint_state{endpoint="web01-eth0",state="error"}': 0,
      'felix_nft_sets{ip_version="inet"}': 3,
      felix_label_index_num_endpoints: 10,
      rampart_last_apply_timestamp_seconds: (NOW - 1000) / 1000,
      rampart_ruleset_chains: 9,
      rampart_ruleset_rules: 40,
      rampart_ruleset_sets: 3,
      rampart_ruleset_set_elements: 1200,
      rampart_active_policies: 2,
      'rampart_active_endpoints{state="up"}': 1,
      'rampart_active_endpoints{state="error"}': 0,
      'rampart_problems{severity="error"}': 0,
      'rampart_rules_in_force{rules="current"}': 1,
      'rampart_rules_in_force{rules="flushed"}': 0,
      felix_active_local_endpoints: 1,
      felix_active_local_policies: 2,
      felix_active_local_selectors: 5,
      felix_cluster_num_hosts: 8,
      felix_cluster_num_host_endpoints: 10,
      felix_cluster_num_policies: 7,
      felix_cluster_num_profiles: 6,
      felix_cluster_num_tiers: 0,
      felix_cluster_num_workload_endpoints: 0,
      felix_resync_state: 3,
      'felix_host{host="web01"}': 1,
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(all.get(name), value, name);
    const version = process.versions.node;
    const info = `rampart_build_info{version="1.2.3",node_version="${version}",nftables_version="1.0.6",transport="library"}`;
    assert.equal(all.get(info), 1);
  });

  it('counts problems by severity, alarms by code, endpoints by state', async () => {
    const problem = { code: 'x', object: 'o', field: '', message: 'm' };
    const all = await seriesOf(
      create(() => ({
        ...SAMPLE,
        problems: [
          { ...problem, severity: 'error' },
          { ...problem, severity: 'warning' },
          { ...problem, severity: 'warning' },
        ],
        alarms: [{ code: 'datastore-lost', objects: [], message: 'm', since: NOW }],
        endpoints: [...SAMPLE.endpoints, { name: 'x', interfaces: [], state: 'error' }],
      })),
    );
    assert.equal(all.get('rampart_problems{severity="error"}'), 1);
    assert.equal(all.get('rampart_problems{severity="warning"}'), 2);
    assert.equal(all.get('rampart_alarm{code="datastore-lost"}'), 1);
    assert.equal(all.get('rampart_active_endpoints{state="error"}'), 1);
    assert.equal(all.get('felix_active_local_endpoints'), 1);
  });

  it('forgets an alarm that is over', async () => {
    let status: DaemonStatus = {
      ...SAMPLE,
      alarms: [{ code: 'a', objects: [], message: 'm', since: NOW }],
    };
    const metrics = create(() => status);
    assert.equal((await seriesOf(metrics)).get('rampart_alarm{code="a"}'), 1);
    status = SAMPLE;
    assert.equal((await seriesOf(metrics)).has('rampart_alarm{code="a"}'), false);
  });

  it('counts applies, errors, reads, updates, resyncs and foreign changes', async () => {
    const metrics = create(() => SAMPLE);
    metrics.recordApply(20, 3);
    metrics.recordApply(30, 4);
    metrics.recordUpdateTime(2);
    metrics.recordApplyError('busy');
    metrics.recordRead(true);
    metrics.recordRead(false);
    metrics.recordUpdates('HostEndpoint', 3);
    metrics.recordUpdates('HostEndpoint', 2);
    metrics.recordResync();
    metrics.recordForeignChange();
    const all = await seriesOf(metrics);
    const expected: Readonly<Record<string, number>> = {
      rampart_applies_total: 2,
      rampart_operations_total: 7,
      'rampart_update_duration_seconds_bucket{le="0.005"}': 1,
      felix_calc_graph_update_time_seconds_sum: 0.002,
      rampart_apply_duration_seconds_count: 2,
      rampart_apply_duration_seconds_sum: 0.05,
      'rampart_apply_duration_seconds_bucket{le="0.025"}': 1,
      'rampart_apply_errors_total{kind="busy"}': 1,
      'rampart_apply_errors_total{kind="permission"}': 0,
      'rampart_updates_total{kind="HostEndpoint"}': 5,
      rampart_foreign_changes_total: 1,
      'felix_calc_graph_updates_processed{type="HostEndpoint"}': 5,
      felix_resyncs_started: 1,
      felix_int_dataplane_apply_time_seconds_count: 2,
      felix_int_dataplane_initial_resync_time_seconds: 0.02,
      felix_int_dataplane_failures: 1,
      felix_nft_calls: 3,
      felix_nft_errors: 1,
      felix_nft_list_calls: 2,
      felix_nft_list_errors: 1,
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(all.get(name), value, name);
  });

  it('shows alarms that are not raised as 0, and how many objects a raised one is about', async () => {
    const all = await seriesOf(createBusyMetrics());
    assert.equal(all.get('rampart_alarm{code="a"}'), 1);
    assert.equal(all.get('rampart_alarm{code="b"}'), 0);
    assert.equal(all.get('rampart_alarm_objects{code="a"}'), 2);
  });

  it('serves what rules counted, what endpoints denied, and the sizes of sets', async () => {
    const all = await seriesOf(createBusyMetrics());
    const rule =
      'policy="p",kind="GlobalNetworkPolicy",namespace="",tier="default",direction="ingress",rule="0",action="Deny"';
    const sorted = (labels: string): string => labels.split(',').sort().join();
    const find = (name: string, labels: string): number | undefined =>
      [...all].find(([series]) => {
        const [metric, text = ''] = series.split(/[{}]/);
        return metric === name && sorted(text) === sorted(labels);
      })?.[1];
    assert.equal(find('rampart_rule_packets_total', rule), 3);
    assert.equal(find('rampart_rule_bytes_total', rule), 300);
    const denial = 'reason="tier",endpoint="e",tier="default",direction="ingress"';
    assert.equal(find('rampart_denied_packets_total', denial), 5);
    assert.equal(find('rampart_denied_bytes_total', denial), 500);
    const set = 'set="s-1",kind="selector",family="4",selector="all()"';
    assert.equal(find('rampart_set_members', set), 12);
  });

  it('asks for the state once a scrape', async () => {
    let asked = 0;
    const metrics = create(() => {
      asked += 1;
      return SAMPLE;
    });
    await metrics.render();
    assert.equal(asked, 1);
  });

  const states: readonly (readonly [string, DaemonStatus, number])[] = [
    ['waiting', { ...away(1), inSync: false }, 1],
    ['resync in progress', { ...SAMPLE, inSync: false }, 2],
    ['in sync', SAMPLE, 3],
    ['in sync during a short outage', away(1000), 3],
    ['waiting again after ten minutes', away(600_000), 1],
  ];
  for (const [name, status, expected] of states) {
    it(`says felix_resync_state ${expected}: ${name}`, async () => {
      assert.equal((await seriesOf(create(() => status))).get('felix_resync_state'), expected);
    });
  }

  it('keeps two instances apart', async () => {
    const one = create(() => SAMPLE);
    const other = create(() => SAMPLE);
    one.recordApply(1);
    assert.equal((await seriesOf(other)).get('rampart_applies_total'), 0);
  });

  it('serves the metrics of the process when asked to', async () => {
    const metrics = createMetrics({
      status: () => SAMPLE,
      now: () => NOW,
      hasProcessMetrics: true,
    });
    metrics.serve();
    const all = await seriesOf(metrics);
    assert.ok((all.get('process_resident_memory_bytes') ?? 0) > 1e6);
  });

  it('counts the processor time from the beginning of the process on, once', async () => {
    const metrics = createMetrics({
      status: () => SAMPLE,
      now: () => NOW,
      hasProcessMetrics: true,
    });
    const before = process.cpuUsage();
    metrics.serve();
    metrics.serve();
    const all = await seriesOf(metrics);
    const after = process.cpuUsage();
    for (const part of ['user', 'system'] as const) {
      const told = all.get(`process_cpu_${part}_seconds_total`) ?? 0;
      assert.ok(told >= before[part] / 1e6 && told <= after[part] / 1e6, `${part} ${told}`);
    }
  });

  it('does not look at the process before somebody may ask', async () => {
    const metrics = createMetrics({
      status: () => SAMPLE,
      now: () => NOW,
      hasProcessMetrics: true,
    });
    assert.equal((await seriesOf(metrics)).has('nodejs_eventloop_lag_seconds'), false);
  });

  it('explains every metric', async () => {
    const text = await create(() => SAMPLE).render();
    const helps = text.split('\n').filter((line) => line.startsWith('# HELP'));
    assert.ok(helps.length > 30);
    for (const line of helps) assert.match(line, /^# HELP (rampart|felix)_[a-z_]+ \S.*\.$/);
  });
});
