import { collectDefaultMetrics, Counter } from 'prom-client';
import type { Registry } from 'prom-client';

/**
 * Adds memory, processor time and event loop of this process. From then on it wakes a hundred times a second to look at
 * its event loop, which is half a percent of a core: too much where nobody asks.
 */
export function collectProcessMetrics(register: Registry): void {
  const { user, system } = process.cpuUsage();
  collectDefaultMetrics({ register });
  // What was spent before counts as well.
  const spent = {
    process_cpu_user_seconds_total: user,
    process_cpu_system_seconds_total: system,
    process_cpu_seconds_total: user + system,
  };
  for (const [name, microseconds] of Object.entries(spent)) {
    const counter = register.getSingleMetric(name);
    if (counter instanceof Counter) counter.inc(microseconds / 1e6);
  }
}
