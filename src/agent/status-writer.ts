import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { DataplaneSettings } from '../config/felix-settings.ts';
import { processStatusKeys, processStatusValue } from '../status/felix-status.ts';
import type { StatusSink } from '../status/status-sink.ts';
import type { DaemonStatus } from '../status/status-snapshot.ts';
import { EndpointReports } from './status-writer-endpoints.ts';
import { StatusTicker } from './status-writer-ticker.ts';

/** What decides whether and how often status is written; Felix's parameters. */
export type ReportingSettings = Pick<
  DataplaneSettings,
  'endpointReportingEnabled' | 'endpointReportingDelayMs' | 'reportingIntervalMs' | 'reportingTTLMs'
>;

/** What is written, where and when. */
export interface StatusWriterInputs {
  readonly sink: StatusSink;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly status: () => DaemonStatus;
}

/** When the process says for the first time that it is alive, as Felix. */
export const FIRST_PROCESS_STATUS_MS = 10_000;

const SHORTEST_DELAY_MS = 100;

/**
 * Writes status to the datastore as Felix does, while EndpointReportingEnabled: the states of this node's host
 * endpoints, and, unless ReportingIntervalSecs is 0, that this process is alive. Nothing is written before
 * the first apply, nor while the datastore is not the one that may be applied.
 */
export class StatusWriter {
  readonly #inputs: StatusWriterInputs;
  #settings: ReportingSettings | null = null;
  #tickers: readonly StatusTicker[] = [];
  #stopped: Promise<unknown> = Promise.resolve();
  #isFirst = true;

  constructor(inputs: StatusWriterInputs) {
    this.#inputs = inputs;
  }

  /** Starts, changes pace or stops as these settings say. What was written stays when reporting is switched off. */
  use(settings: ReportingSettings): void {
    if (this.#settings !== null && isSame(this.#settings, settings)) return;
    this.#settings = settings;
    this.#stop();
    if (!settings.endpointReportingEnabled) return;
    const delayMs = Math.max(SHORTEST_DELAY_MS, settings.endpointReportingDelayMs);
    const endpoints = this.#endpointTicker(delayMs);
    endpoints.start(delayMs);
    this.#tickers = [endpoints];
    if (settings.reportingIntervalMs <= 0) return;
    const alive = this.#processTicker(settings);
    alive.start(this.#isFirst ? FIRST_PROCESS_STATUS_MS : 0);
    this.#tickers = [endpoints, alive];
  }

  /** Stops; what was written stays. */
  async close(): Promise<void> {
    this.#stop();
    await this.#inputs.sink.close();
    await this.#stopped;
  }

  #stop(): void {
    const stopping = this.#tickers.map((ticker) => ticker.stop());
    this.#stopped = Promise.all([this.#stopped, ...stopping]);
    this.#tickers = [];
  }

  #endpointTicker(delayMs: number): StatusTicker {
    const { sink, clock, logger, status } = this.#inputs;
    const reports = new EndpointReports(sink);
    return new StatusTicker({
      clock,
      logger,
      what: 'the status of host endpoints',
      // Thousands of hosts must not write at the same moment.
      pauseMs: () => delayMs * (0.9 + Math.random() * 0.2),
      run: async () => {
        const present = status();
        if (mayWrite(present)) await reports.write(present);
      },
    });
  }

  #processTicker({ reportingIntervalMs, reportingTTLMs }: ReportingSettings): StatusTicker {
    const { sink, clock, logger, status } = this.#inputs;
    return new StatusTicker({
      clock,
      logger,
      what: 'the status of this process',
      pauseMs: () => reportingIntervalMs,
      run: async () => {
        const present = status();
        if (!mayWrite(present)) return;
        const { nodeName, startedAt } = present;
        const keys = processStatusKeys(nodeName);
        const isFirst = this.#isFirst;
        const value = processStatusValue({ now: clock.now(), startedAt, isFirst });
        await sink.putWithTtl(keys.status, value, reportingTTLMs);
        await sink.put(keys.lastReported, value);
        this.#isFirst = false;
      },
    });
  }
}

function mayWrite({ inSync, rulesInForce, datastore }: DaemonStatus): boolean {
  return inSync && rulesInForce === 'current' && datastore.connected;
}

function isSame(a: ReportingSettings, b: ReportingSettings): boolean {
  return (
    a.endpointReportingEnabled === b.endpointReportingEnabled &&
    a.endpointReportingDelayMs === b.endpointReportingDelayMs &&
    a.reportingIntervalMs === b.reportingIntervalMs &&
    a.reportingTTLMs === b.reportingTTLMs
  );
}
