/** The rows that RAMPART_TEST=short runs: those of every feature, without the slow and the rare. */
export const SHORT_FORM: ReadonlySet<number> = new Set([
  ...range(1, 18),
  ...[21, 22],
  ...range(26, 29),
  ...[32, 33],
  ...range(43, 45),
  ...range(58, 71),
  ...range(79, 103),
  ...range(107, 113),
  ...range(117, 122),
  ...[134, 136, 137, 142],
]);

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
