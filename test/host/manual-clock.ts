import type { Clock } from '../../src/base/clock.ts';

/** A clock that stands still until the test moves it. */
export interface ManualClock extends Clock {
  /** Moves time on by `ms`, running what falls due, in order. */
  advance(ms: number): void;
}

export function createManualClock(): ManualClock {
  let time = 0;
  let tasks: { readonly dueAt: number; readonly task: () => void }[] = [];
  return {
    now: () => time,
    monotonic: () => time,
    after: (delayMs, task) => {
      const entry = { dueAt: time + delayMs, task };
      tasks.push(entry);
      return () => {
        tasks = tasks.filter((other) => other !== entry);
      };
    },
    advance: (ms) => {
      const end = time + ms;
      for (;;) {
        const [next] = tasks.filter(({ dueAt }) => dueAt <= end).sort((a, b) => a.dueAt - b.dueAt);
        if (next === undefined) break;
        tasks = tasks.filter((entry) => entry !== next);
        time = next.dueAt;
        next.task();
      }
      time = end;
    },
  };
}

/** Real time, as the daemon's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
