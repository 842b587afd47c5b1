import { Counter, Gauge, Histogram, Summary } from 'prom-client';
import type { Registry } from 'prom-client';
import type { NftablesErrorKind } from '../base/errors.ts';

const ERROR_KINDS: Readonly<Record<NftablesErrorKind, true>> = {
  'not-found': true,
  exists: true,
  busy: true,
  permission: true,
  invalid: true,
  resources: true,
  timeout: true,
  unknown: true,
};

/** What is counted as it happens, under our names. */
export interface RampartCounters {
  readonly updates: Counter<'kind'>;
  readonly updateDuration: Histogram;
  readonly applies: Counter;
  readonly operations: Counter;
  readonly errors: Counter<'kind'>;
  readonly duration: Histogram;
  readonly foreignChanges: Counter;
  readonly cuts: Counter;
}

/** Creates them. */
export function createCounters(register: Registry): RampartCounters {
  const registers = [register];
  const errors = new Counter({
    name: 'rampart_apply_errors_total',
    help: 'Transactions that the kernel or libnftables refused, by reason.',
    labelNames: ['kind'] as const,
    registers,
  });
  // A series that begins at its first error has no increase for an alert to see.
  for (const kind of Object.keys(ERROR_KINDS)) errors.inc({ kind }, 0);
  return {
    errors,
    updates: new Counter({
      name: 'rampart_updates_total',
      help: 'Keys that arrived from the datastore, by Calico kind.',
      labelNames: ['kind'] as const,
      registers,
    }),
    updateDuration: new Histogram({
      name: 'rampart_update_duration_seconds',
      help: 'Time to decode and take in the keys that arrived together.',
      buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
      registers,
    }),
    operations: new Counter({
      name: 'rampart_operations_total',
      help: 'Operations of all transactions that landed in the kernel.',
      registers,
    }),
    applies: new Counter({
      name: 'rampart_applies_total',
      help: 'Transactions that landed in the kernel.',
      registers,
    }),
    duration: new Histogram({
      name: 'rampart_apply_duration_seconds',
      help: 'Time from handing over a transaction to the kernel’s answer.',
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    foreignChanges: new Counter({
      name: 'rampart_foreign_changes_total',
      help: 'Changes to our table that another process made.',
      registers,
    }),
    cuts: new Counter({
      name: 'rampart_connections_cut_total',
      help: 'Live connections that were cut because policy refuses them.',
      registers,
    }),
  };
}

/** The same under Felix's names. */
export interface FelixCounters {
  readonly updates: Counter<'type'>;
  readonly updateTime: Summary;
  readonly resyncs: Counter;
  readonly listCalls: Counter;
  readonly listErrors: Counter;
  observeApply(seconds: number): void;
  recordError(): void;
}

/** Creates them. */
export function createFelixCounters(register: Registry): FelixCounters {
  const counter = (name: string, help: string): Counter =>
    new Counter({ name, help, registers: [register] });
  const calls = counter('felix_nft_calls', 'Transactions handed to nftables.');
  const errors = counter('felix_nft_errors', 'Transactions that nftables refused.');
  const failures = counter(
    'felix_int_dataplane_failures',
    'Times that an update of the dataplane failed and will be tried again.',
  );
  const summary = (name: string, help: string): Summary =>
    new Summary({
      name,
      help,
      percentiles: [0.5, 0.9, 0.99],
      maxAgeSeconds: 600,
      ageBuckets: 5,
      registers: [register],
    });
  const applyTime = summary(
    'felix_int_dataplane_apply_time_seconds',
    'Time to apply one update to the dataplane.',
  );
  const first = new FirstValue(register);
  return {
    updates: new Counter({
      name: 'felix_calc_graph_updates_processed',
      help: 'Updates from the datastore, by type.',
      labelNames: ['type'] as const,
      registers: [register],
    }),
    updateTime: summary(
      'felix_calc_graph_update_time_seconds',
      'Time to take in the updates of the datastore that arrived together.',
    ),
    resyncs: counter('felix_resyncs_started', 'Times that the datastore was listed anew.'),
    listCalls: counter('felix_nft_list_calls', 'Times that our table was read back.'),
    listErrors: counter('felix_nft_list_errors', 'Times that reading it back failed.'),
    observeApply: (seconds) => {
      calls.inc();
      applyTime.observe(seconds);
      first.set(seconds);
    },
    recordError: () => {
      calls.inc();
      errors.inc();
      failures.inc();
    },
  };
}

class FirstValue {
  readonly #gauge: Gauge;
  #isSet = false;

  constructor(register: Registry) {
    this.#gauge = new Gauge({
      name: 'felix_int_dataplane_initial_resync_time_seconds',
      help: 'Time that the first update of the dataplane took.',
      registers: [register],
    });
  }

  set(seconds: number): void {
    if (this.#isSet) return;
    this.#isSet = true;
    this.#gauge.set(seconds);
  }
}
