/** Cancels what was scheduled; calling it twice, or after it ran, does nothing. */
export type Cancel = () => void;

/** Time as a parameter, so that a test can own it. */
export interface Clock {
  /** Wall time, milliseconds since the epoch. */
  now(): number;
  /** Monotonic time in milliseconds, fractions included; for durations only. */
  monotonic(): number;
  /** Runs `task` once, after at least `delayMs`. Never keeps the process alive. */
  after(delayMs: number, task: () => void): Cancel;
}
