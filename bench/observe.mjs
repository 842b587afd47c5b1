// Loaded into a daemon that is measured: on SIGUSR2 it says how long its event loop went at most without a break since the last
// time, and then collects all garbage. Its timer costs a few per cent of a processor: run time is measured without this.
import { monitorEventLoopDelay } from 'node:perf_hooks';

// What is said may be that much too long.
const RESOLUTION_MS = 1;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

process.on('SIGUSR2', () => {
  const longestMs = delay.max / 1e6;
  globalThis.gc();
  process.stdout.write(`${JSON.stringify({ observed: { longestMs } })}\n`);
  delay.reset();
});
