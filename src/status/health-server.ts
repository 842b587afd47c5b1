import { formatHealth } from './health.ts';
import type { HealthSnapshot } from './health.ts';
import { startHttpService } from './http-service.ts';
import type { HttpAnswer, HttpService, HttpServicePorts } from './http-service.ts';

export interface HealthServerOptions {
  readonly host: string;
  readonly port: number;
  /** Asked anew for every request. */
  readonly snapshot: () => HealthSnapshot;
}

/**
 * Serves `/liveness` and `/readiness`: 200 when every reporter is live (ready), else 503, with a table of the
 * reporters in plain text. A port that is taken is a fault, never an exception; listening is tried again.
 */
export function createHealthServer(
  options: HealthServerOptions,
  ports: HttpServicePorts,
): HttpService {
  const { host, port, snapshot } = options;
  const routes = new Map([
    ['/liveness', () => answer(snapshot(), ({ isLive }) => isLive)],
    ['/readiness', () => answer(snapshot(), ({ isReady }) => isReady)],
  ]);
  return startHttpService({ name: 'health', host, port, routes }, ports);
}

function answer(
  snapshot: HealthSnapshot,
  isGood: (report: HealthSnapshot[number]) => boolean,
): HttpAnswer {
  return {
    status: snapshot.every(isGood) ? 200 : 503,
    contentType: 'text/plain; charset=utf-8',
    body: formatHealth(snapshot),
  };
}
