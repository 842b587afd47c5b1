import { assertLoad } from './load-check.ts';

// RAMPART_LOAD_SECONDS makes it shorter.
const SECONDS = Number(process.env['RAMPART_LOAD_SECONDS'] ?? 600);

describe('load', () => {
  it(`100,000 pods, 500 changes a second for ${SECONDS} s, 100,000 prefixes edited, 1,000 policies: no update lost, bounded lag and memory`, async function () {
    this.timeout(SECONDS * 1000 + 600_000);
    await assertLoad(
      {
        workloads: 100_000,
        changesPerSecond: 500,
        seconds: SECONDS,
        nets: 100_000,
        policies: 1000,
      },
      { longestLagMs: 10_000, growth: 1.15, memoryMiB: 1024 },
    );
  });
});
