import { usageError } from '../ctl-error.ts';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** The seconds of a time such as 30s, 10m, 2h or 1d, as `option` was given it. Throws CtlError. */
export function readTime(option: string, text: string): number {
  const [, number, unit = ''] = /^(\d{1,8})([smhd])$/.exec(text) ?? [];
  const seconds = Number(number) * (SECONDS[unit] ?? NaN);
  if (seconds > 0) return seconds;
  throw usageError(`${option}: write a time such as 30s, 10m, 2h or 1d, not "${text}"`);
}
