// npm run bench [-- NAME]: benchmarks with their baselines, measured in the same run.
import { formatStart, measureStart } from './start.ts';

const BENCHMARKS: Readonly<Record<string, () => Promise<string>>> = {
  'start-20k': async () =>
    formatStart(
      await measureStart({ workloadEndpoints: 20_000, policies: 200, networkSets: 0 }, 3),
    ),
  'start-100k': async () =>
    formatStart(
      await measureStart({ workloadEndpoints: 100_000, policies: 1_000, networkSets: 100 }, 3),
    ),
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
