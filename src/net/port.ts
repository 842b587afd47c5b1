/** Ports from `from` to `to`, both included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** The same ports in the fewest ranges, sorted: overlapping and neighbouring ones merge. */
export function mergePorts(ranges: readonly PortRange[]): PortRange[] {
  const sorted = [...ranges].sort((a, b) => a.from - b.from);
  const merged: PortRange[] = [];
  for (const { from, to } of sorted) {
    const last = merged[merged.length - 1];
    if (last === undefined || from > last.to + 1) merged.push({ from, to });
    else if (to > last.to) merged[merged.length - 1] = { from: last.from, to };
  }
  return merged;
}

/** Whether one of the ranges holds the port. */
export function portIn(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some(({ from, to }) => port >= from && port <= to);
}

/** `22`, or `8000:8080` as Calico writes a range. */
export function formatPortRange({ from, to }: PortRange): string {
  return from === to ? String(from) : `${from}:${to}`;
}
