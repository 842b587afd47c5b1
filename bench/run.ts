// npm run bench [-- NAME]: benchmarks with their baselines, measured in the same run.
import { formatBigSet, measureBigSet } from './big-set.ts';
import { formatDeniedFlood, measureDeniedFlood } from './denied-flood.ts';
import { formatFanOut, measureFanOut } from './fan-out.ts';
import { formatCtlStart, measureCtlStart } from './ctl-start.ts';
import { formatLatency, measureLatency, POD_CHURN, POLICY_LATENCY } from './latency.ts';
import { formatNewConnections, measureNewConnections } from './new-connection.ts';
import { formatMemory, measureMemory } from './memory.ts';
import { formatStart, measureStart } from './start.ts';
import { formatThroughput, measureThroughput } from './throughput.ts';

const SMALL = { workloadEndpoints: 1_000, policies: 10, networkSets: 0 };
const LARGE = { workloadEndpoints: 100_000, policies: 1_000, networkSets: 100 };

const fanOut = async (instances: number): Promise<string> => {
  const straight = formatFanOut(await measureFanOut(instances, 'straight'));
  return `${straight}; ${formatFanOut(await measureFanOut(instances, 'by grpc-proxy'))}`;
};

const BENCHMARKS: Readonly<Record<string, () => string | Promise<string>>> = {
  'ctl-start': () => formatCtlStart(measureCtlStart(15)),
  'policy-latency-1k': async () =>
    formatLatency(await measureLatency({ ...POLICY_LATENCY, size: SMALL, count: 300 })),
  'policy-latency-100k': async () =>
    formatLatency(await measureLatency({ ...POLICY_LATENCY, size: LARGE, count: 300 })),
  'pod-churn-100k': async () =>
    formatLatency(await measureLatency({ ...POD_CHURN, size: LARGE, count: 300 })),
  'start-20k': async () =>
    formatStart(
      await measureStart({ workloadEndpoints: 20_000, policies: 200, networkSets: 0 }, 3),
    ),
  'new-connection-10k': async () =>
    formatNewConnections(await measureNewConnections([10, 100, 1_000, 10_000])),
  'throughput-1k': async () => formatThroughput(await measureThroughput(1_000)),
  'start-100k': async () => formatStart(await measureStart(LARGE, 3)),
  'fan-out-100': async () => fanOut(100),
  'fan-out-400': async () => fanOut(400),
  'fan-out-1000': async () => fanOut(1000),
  'memory-idle': async () =>
    formatMemory(await measureMemory({ workloadEndpoints: 100, policies: 1, networkSets: 0 })),
  'memory-100k': async () => formatMemory(await measureMemory(LARGE)),
  'denied-flood': async () =>
    formatDeniedFlood([await measureDeniedFlood(false), await measureDeniedFlood(true)]),
  'big-set-100k': async () => formatBigSet(await measureBigSet(false)),
  'big-set-100k-foreign-100k': async () => formatBigSet(await measureBigSet(true)),
};

const wanted = process.argv.slice(2);
for (const [name, run] of Object.entries(BENCHMARKS)) {
  if (wanted.length === 0 || wanted.includes(name))
    process.stdout.write(`${name}: ${await run()}\n`);
}
const unknown = wanted.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  process.stderr.write(
    `no benchmark is called ${unknown.join(', ')}; there are ${Object.keys(BENCHMARKS).join(', ')}\n`,
  );
  process.exitCode = 64;
}
