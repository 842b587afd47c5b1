import { setFlagsFromString } from 'node:v8';

// Since V8 13 (Node 24) calls are counted, where it was bytes of bytecode that a function runs.
const COUNTS_CALLS = 13;
// Defaults: 400 and 3000 calls; 67584 bytes.
const BY_CALLS = ['--invocation-count-for-maglev=4', '--invocation-count-for-turbofan=60'];
const BY_BYTES = ['--interrupt-budget=2000'];

/**
 * Has V8 compile functions for speed after some ten calls instead of some hundred: changes of policy are rare, so that most of
 * what one runs would be interpreted for days. Before anything else is run: functions that have begun keep their budget.
 */
export function optimiseEarly(): void {
  const isCounted = Number.parseInt(process.versions.v8, 10) >= COUNTS_CALLS;
  for (const flag of isCounted ? BY_CALLS : BY_BYTES) setFlagsFromString(flag);
}
