import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/base/clock.ts';
import type { LogFields, Logger } from '../../src/base/logger.ts';
import { nftText } from '../../src/ruleset/nft-text.ts';
import type { Ruleset } from '../../src/ruleset/ruleset.ts';

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

/** Has the nft program load a ruleset from a file, as the boot unit does. Throws what nft says when it is refused. */
export function loadRuleset(ruleset: Ruleset): void {
  const home = mkdtempSync(join(tmpdir(), 'rampart-ruleset-'));
  try {
    const file = join(home, 'ruleset');
    writeFileSync(file, [...nftText(ruleset)].join(''));
    nft('-f', file);
  } finally {
    rmSync(home, { recursive: true });
  }
}
