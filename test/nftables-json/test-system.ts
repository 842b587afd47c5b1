import { execFileSync } from 'node:child_process';
import type { Clock } from '../../src/base/clock.ts';
import type { LogFields, Logger } from '../../src/base/logger.ts';

/** Real time. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A logger that keeps what it is told. */
export function recordingLogger(): Logger & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  const keep =
    (level: string) =>
    (_fields: LogFields, message: string): void => {
      lines.push(`${level} ${message}`);
    };
  return {
    lines,
    debug: keep('debug'),
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
  };
}

/** Runs the nft program in this network namespace, as somebody else would. */
export function nft(...args: readonly string[]): string {
  return execFileSync('nft', args, { encoding: 'utf8', stdio: 'pipe' });
}
