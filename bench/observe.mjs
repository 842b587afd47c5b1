// Loaded into a daemon that is measured: on SIGUSR2 it says how long its event loop was busy since the last time, and
// at most without a break, and then collects all garbage.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
let since = performance.eventLoopUtilization();

process.on('SIGUSR2', () => {
  const busyMs = performance.eventLoopUtilization(since).active;
  const longestMs = Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
  globalThis.gc();
  process.stdout.write(`${JSON.stringify({ observed: { busyMs, longestMs } })}\n`);
  delay.reset();
  since = performance.eventLoopUtilization();
});
