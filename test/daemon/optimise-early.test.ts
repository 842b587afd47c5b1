import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'mocha';

// V8's bit for a function that has been compiled for speed.
const OPTIMISED = 1 << 4;
// Calls a function until that is done, and prints how often. What natives there are V8 learns from the command line.
const COUNT_CALLS = `
  const status = new Function('f', 'return %GetOptimizationStatus(f)');
  const add = (a, b) => (a + b) * (a - b) + (a ^ b);
  let calls = 0;
  while ((status(add) & ${OPTIMISED}) === 0 && calls < 1_000_000) add(calls++, 3);
  process.stdout.write(String(calls));
`;
const NODE_OPTIONS = [
  ...['--allow-natives-syntax', '--no-concurrent-recompilation'],
  ...['--import=tsx', '--input-type=module', '--eval'],
];

function callsUntilOptimised(before: string): number {
  const program = `${before}\n${COUNT_CALLS}`;
  return Number(execFileSync(process.execPath, [...NODE_OPTIONS, program], { encoding: 'utf8' }));
}

describe('optimiseEarly', () => {
  it('has V8 compile for speed what is called a tenth as often', () => {
    // Tests run compiled as well.
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
    const module = new URL(`../../daemon/optimise-early${extension}`, import.meta.url).href;
    const early = callsUntilOptimised(
      `const { optimiseEarly } = await import('${module}'); optimiseEarly();`,
    );
    const otherwise = callsUntilOptimised('');
    assert.ok(early > 0 && early * 10 < otherwise, `${early} and ${otherwise} calls`);
  });
});
