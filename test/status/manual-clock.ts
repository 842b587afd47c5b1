import type { Cancel, Clock } from '../../src/base/clock.ts';

/** A clock that stands still until the test moves it. */
export interface ManualClock extends Clock {
  /** Moves time on and runs what falls due, in order. */
  advance(ms: number): void;
  readonly pending: () => number;
}

interface Task {
  readonly at: number;
  readonly run: () => void;
}

/** Starts at `start`, milliseconds since the epoch. */
export function createManualClock(start = 0): ManualClock {
  let now = start;
  const tasks = new Set<Task>();
  const nextBefore = (limit: number): Task | undefined =>
    [...tasks].filter(({ at }) => at <= limit).sort((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    monotonic: () => now - start,
    after: (delayMs, run): Cancel => {
      const task = { at: now + delayMs, run };
      tasks.add(task);
      return () => tasks.delete(task);
    },
    advance: (ms) => {
      const end = now + ms;
      for (let task = nextBefore(end); task !== undefined; task = nextBefore(end)) {
        tasks.delete(task);
        now = task.at;
        task.run();
      }
      now = end;
    },
    pending: () => tasks.size,
  };
}
