const FIRST_MS = 20;
const LONGEST_MS = 10_000;

/** How long to wait before attempt `failures + 1`: doubling from 20 ms to 10 s. */
export function retryDelayMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
}
