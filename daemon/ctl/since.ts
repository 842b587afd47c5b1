import { usageError } from './ctl-error.ts';

const UNITS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/** Milliseconds since the epoch of `7d` (ago), `2026-11-01` (its first moment in UTC) or an ISO 8601 moment. */
export function parseSince(text: string, now: number): number {
  const [, count, unit = ''] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (UNITS[unit] ?? 0);
  const at = DAY.test(text) || MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes the 31st of short months for the next one's first.
  const isDay = !Number.isNaN(at) && new Date(at).toISOString().startsWith(text.slice(0, 10));
  if (Number.isNaN(at) || (DAY.test(text) && !isDay)) {
    throw usageError(
      `--since: "${text}" is not a time: write how long ago (90m, 12h, 7d, 4w), a day (2026-11-01) or a moment (2026-11-01T08:00:00Z)`,
    );
  }
  if (at > now) throw usageError(`--since: ${text} is in the future`);
  return at;
}
