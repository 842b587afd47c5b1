const HALF = 2 ** 31;

/** Counts what is missing in the numbers of a group's packets. */
export interface SequenceGaps {
  /** Takes the next packet's number; answers how many packets before it are missing and not yet told. */
  next(sequence: number): number;
  /** The kernel says that something was lost; answers how many packets that are at least and not yet told: 1. */
  overrun(): number;
}

/** A counter that begins with whatever number comes first: a group is numbered from 0 when it is bound. */
export function createSequenceGaps(): SequenceGaps {
  let expected = 0;
  let told = 0;
  return {
    next: (sequence) => {
      const missing = (sequence - expected) >>> 0;
      expected = (sequence + 1) >>> 0;
      if (missing >= HALF) return 0;
      // What waited when the loss was told still comes, without a gap.
      const untold = Math.max(0, missing - told);
      told = Math.max(0, told - missing);
      return untold;
    },
    overrun: () => {
      told += 1;
      return 1;
    },
  };
}
