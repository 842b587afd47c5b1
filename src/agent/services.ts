import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { DataplaneSettings } from '../config/felix-settings.ts';
import { createHealthServer } from '../status/health-server.ts';
import { toHealthSnapshot } from '../status/health.ts';
import type { HttpService } from '../status/http-service.ts';
import { createMetricsServer } from '../status/metrics-server.ts';
import type { Metrics } from '../status/metrics.ts';
import type { DaemonStatus } from '../status/status-snapshot.ts';

type Listen = DataplaneSettings['health'];

interface Running {
  readonly listen: Listen;
  readonly service: HttpService | null;
}

/** What the services need. */
export interface ServicesInputs {
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly status: () => DaemonStatus;
}

/** The health and metrics servers, started, moved and stopped as the settings say. */
export class Services {
  readonly #inputs: ServicesInputs;
  #health: Running | null = null;
  #metrics: Running | null = null;
  #closing: Promise<void> = Promise.resolve();

  constructor(inputs: ServicesInputs) {
    this.#inputs = inputs;
  }

  /** Makes the servers listen where `settings` say. */
  use(settings: Pick<DataplaneSettings, 'health' | 'metrics'>): void {
    const { clock, logger, metrics, status } = this.#inputs;
    const ports = { clock, logger };
    this.#health = this.#move(this.#health, settings.health, (at) =>
      createHealthServer({ ...at, snapshot: () => toHealthSnapshot(status(), clock.now()) }, ports),
    );
    this.#metrics = this.#move(this.#metrics, settings.metrics, (at) =>
      createMetricsServer({ ...at, metrics }, ports),
    );
  }

  /** Why a server that should listen does not. */
  faults(): readonly { readonly code: string; readonly message: string }[] {
    return [
      ...faultOf('health-unavailable', this.#health),
      ...faultOf('metrics-unavailable', this.#metrics),
    ];
  }

  /** Stops both. */
  async close(): Promise<void> {
    this.#closeLater(this.#health);
    this.#closeLater(this.#metrics);
    await this.#closing;
  }

  #move(present: Running | null, listen: Listen, create: (at: Listen) => HttpService): Running {
    if (present !== null && sameListen(present.listen, listen)) return present;
    this.#closeLater(present);
    return { listen, service: listen.enabled ? create(listen) : null };
  }

  #closeLater(running: Running | null): void {
    const closed = running?.service?.close();
    if (closed !== undefined)
      this.#closing = Promise.all([this.#closing, closed]).then(() => undefined);
  }
}

function sameListen(a: Listen, b: Listen): boolean {
  return a.enabled === b.enabled && a.host === b.host && a.port === b.port;
}

function faultOf(
  code: string,
  running: Running | null,
): readonly { readonly code: string; readonly message: string }[] {
  const fault = running?.service?.fault() ?? null;
  // A server that was only just started has not had its first attempt yet.
  return fault === null || fault === 'not started yet' ? [] : [{ code, message: fault }];
}
