import { setFlagsFromString } from 'node:v8';

// Bytes of bytecode that a function runs before V8 thinks of compiling it for speed; the default is 67584.
const BY_BYTES = ['--interrupt-budget=2000'];
// V8 13 (Node 24) has a compiler in between, Maglev, and counts calls, 400 by default, once it has looked at what a function is
// given, which is from the eighth call on by default. TurboFan earlier than by default makes it slower (bench/RESULTS.md).
const BY_CALLS = ['--no-lazy-feedback-allocation', '--invocation-count-for-maglev=12'];
const COUNTS_CALLS = 13;

/**
 * Has V8 compile functions for speed after some ten calls instead of some hundred: changes of policy are rare, so that most of
 * what one runs would be interpreted for days. Before anything else is run: functions that have begun keep their budget.
 */
export function optimiseEarly(): void {
  const isCounted = Number.parseInt(process.versions.v8, 10) >= COUNTS_CALLS;
  for (const flag of isCounted ? BY_CALLS : BY_BYTES) setFlagsFromString(flag);
}
