import { assertLoad } from './load-check.ts';

describe('load, short form', () => {
  it('5,000 pods, 200 changes a second, 4,000 prefixes edited, 50 policies: no update lost, no lag, no growth', async () => {
    await assertLoad(
      { workloads: 5000, changesPerSecond: 200, seconds: 9, nets: 4000, policies: 50 },
      { longestLagMs: 3000, growth: 1.5, memoryMiB: 400 },
    );
  });
});
