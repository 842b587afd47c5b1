import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { formatStart, measureStart } from '../../bench/start.ts';

describe('a start', () => {
  it('with 20,000 workload endpoints and 200 policies is close to listing and parsing them', async function () {
    this.timeout(120_000);
    const figures = await measureStart(
      { workloadEndpoints: 20_000, policies: 200, networkSets: 0 },
      1,
    );
    process.stdout.write(`      ${formatStart(figures)}\n`);
    // Machines are noisy and small: this only catches a start that does the work many times over.
    assert.ok(figures.startMs < figures.bareMs * 8, formatStart(figures));
  });
});
