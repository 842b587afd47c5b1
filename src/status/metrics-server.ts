import { startHttpService } from './http-service.ts';
import type { HttpService, HttpServicePorts } from './http-service.ts';
import type { Metrics } from './metrics.ts';

export interface MetricsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
}

/** Serves `/metrics` in Prometheus' text format. A port that is taken is a fault; listening is tried again. */
export function createMetricsServer(
  options: MetricsServerOptions,
  ports: HttpServicePorts,
): HttpService {
  const { host, port, metrics } = options;
  metrics.serve();
  const routes = new Map([
    [
      '/metrics',
      async () => ({
        status: 200,
        contentType: metrics.contentType,
        body: await metrics.render(),
      }),
    ],
  ]);
  return startHttpService({ name: 'metrics', host, port, routes }, ports);
}
