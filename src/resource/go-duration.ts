const SECONDS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-9],
  ['us', 1e-6],
  ['µs', 1e-6],
  ['μs', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
]);

/** Seconds of a duration in Go's text form (`1m30s`, `-1.5h`, `0`); null when it is none. */
export function durationSeconds(text: string): number | null {
  const [, sign, terms] =
    /^([-+]?)(0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text) ?? [];
  if (terms === undefined) return null;
  let seconds = 0;
  for (const [, amount = '', unit = ''] of terms.matchAll(/([\d.]+)([a-zµμ]+)/g)) {
    seconds += Number(amount) * (SECONDS.get(unit) ?? 0);
  }
  // Go counts whole nanoseconds; this takes away what binary fractions add.
  const rounded = Math.round(seconds * 1e9) / 1e9;
  return sign === '-' ? -rounded : rounded;
}
