import { Registry } from 'prom-client';
import type { NftablesErrorKind } from '../base/errors.ts';
import { setFelixGauges } from './felix-gauges.ts';
import { createCounters, createFelixCounters } from './happening-counters.ts';
import { collectProcessMetrics } from './process-metrics.ts';
import type { DaemonStatus } from './status-snapshot.ts';
import { setStatusGauges } from './status-gauges.ts';
import {
  setDeniedFlows,
  setSetSizes,
  setStagedFlows,
  setTrafficCounters,
} from './traffic-metrics.ts';
import type { DeniedFlowCounts, SetSize, StagedChange, Traffic } from './traffic-metrics.ts';
import { WaitingRecords } from './waiting-records.ts';

/** What the daemon counts as it happens; everything else is read from its status at every scrape. */
export interface Metrics {
  readonly contentType: string;
  /** `count` keys of this Calico kind arrived from the datastore. */
  recordUpdates(kind: string, count: number): void;
  /** Some keys that arrived together were decoded and taken in. */
  recordUpdateTime(durationMs: number): void;
  /** The datastore is being listed anew. */
  recordResync(): void;
  /** A transaction of so many operations landed. */
  recordApply(durationMs: number, operations?: number): void;
  /** A transaction was refused, and will be tried again. */
  recordApplyError(kind: NftablesErrorKind): void;
  /** Our table was read back; `isOk`: with success. */
  recordRead(isOk: boolean): void;
  /** Somebody else changed our table. */
  recordForeignChange(): void;
  /** So many live connections were cut because policy refuses them. */
  recordCut(connections: number): void;
  /** Somebody may ask for the metrics from now on. */
  serve(): void;
  /** All metrics in Prometheus' text format. */
  render(): Promise<string>;
}

export interface MetricsOptions {
  readonly status: () => DaemonStatus;
  readonly now: () => number;
  /** Whether the metrics of the process (memory, CPU, event loop) are served too, as Felix does; after `serve`. */
  readonly hasProcessMetrics: boolean;
  /** Codes of alarms that are shown as 0 while they are not raised. */
  readonly alarmCodes?: readonly string[];
  /** What rules have counted; asked twice a kind of counter at every scrape. Never rejects. */
  readonly traffic?: () => Promise<Traffic>;
  readonly sets?: () => readonly SetSize[];
  /** Read at every scrape. */
  readonly staged?: () => readonly StagedChange[];
  /** Read at every scrape. */
  readonly flows?: () => DeniedFlowCounts;
}

/**
 * Creates the metrics in a registry of their own: `rampart_*`, and under Felix's names what existing dashboards
 * read, with Felix's meaning.
 */
export function createMetrics(options: MetricsOptions): Metrics {
  const register = new Registry();
  const waiting = new WaitingRecords();
  let hasProcess = !options.hasProcessMetrics;
  // One scrape tells of one moment, and asks for the state once.
  let snapshot: DaemonStatus | null = null;
  const source = { ...options, status: () => snapshot ?? options.status() };
  setStatusGauges(register, source);
  setFelixGauges(register, source);
  if (options.traffic !== undefined) setTrafficCounters(register, options.traffic);
  if (options.sets !== undefined) setSetSizes(register, options.sets);
  if (options.staged !== undefined) setStagedFlows(register, options.staged);
  if (options.flows !== undefined) setDeniedFlows(register, options.flows);
  return {
    contentType: register.contentType,
    ...createRecords(register, waiting),
    serve: () => {
      if (hasProcess) return;
      hasProcess = true;
      collectProcessMetrics(register);
    },
    render: () => {
      waiting.make();
      snapshot = options.status();
      return register.metrics();
    },
  };
}

type Records = Omit<Metrics, 'contentType' | 'serve' | 'render'>;

function createRecords(register: Registry, waiting: WaitingRecords): Records {
  const rampart = createCounters(register);
  const felix = createFelixCounters(register);
  return {
    recordUpdates: (kind, count) => {
      waiting.add(() => {
        rampart.updates.inc({ kind }, count);
        felix.updates.inc({ type: kind }, count);
      });
    },
    recordUpdateTime: (durationMs) => {
      waiting.add(() => {
        rampart.updateDuration.observe(durationMs / 1000);
        felix.updateTime.observe(durationMs / 1000);
      });
    },
    recordResync: () => {
      felix.resyncs.inc();
    },
    recordApply: (durationMs, operations = 0) => {
      const seconds = durationMs / 1000;
      waiting.add(() => {
        rampart.operations.inc(operations);
        rampart.applies.inc();
        rampart.duration.observe(seconds);
        felix.observeApply(seconds);
      });
    },
    recordApplyError: (kind) => {
      rampart.errors.inc({ kind });
      felix.recordError();
    },
    recordRead: (isOk) => {
      felix.listCalls.inc();
      if (!isOk) felix.listErrors.inc();
    },
    recordForeignChange: () => {
      rampart.foreignChanges.inc();
    },
    recordCut: (connections) => {
      rampart.cuts.inc(connections);
    },
  };
}
