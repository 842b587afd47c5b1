import type { Match, Statement } from '../ruleset/ruleset.ts';

/**
 * The two bits of the packet mark that carry state from one hook to the next. Both together: policy would have denied
 * the packet, but the host observes.
 */
export interface Marks {
  /** An untracked or pre-DNAT policy allowed the packet: later ingress (or egress) stages let it pass. */
  readonly allowed: number;
  /** Forwarded, or judged in the output hook: postrouting leaves it alone. */
  readonly settled: number;
}

/** The two lowest bits of `mask`; fewer than two is refused by the configuration. */
export function marksOf(mask: number): Marks {
  const allowed = (mask & -mask) >>> 0;
  const rest = (mask & ~allowed) >>> 0;
  return { allowed, settled: (rest & -rest) >>> 0 };
}

/** Forgets both bits; all others are preserved. */
export function clearMarks({ allowed, settled }: Marks): Statement {
  return { kind: 'mark', keep: ~(allowed | settled) >>> 0, set: 0 };
}

/** Sets `bit`; all others are preserved. */
export function setMark(bit: number): Statement {
  return { kind: 'mark', keep: 0xffffffff, set: bit };
}

/** Whether both bits are set. */
export function hasAllMarks({ allowed, settled }: Marks): Match {
  return hasMark((allowed | settled) >>> 0);
}

/** Whether `bit` is set. */
export function hasMark(bit: number): Match {
  return { kind: 'mark', mask: bit, value: bit };
}
