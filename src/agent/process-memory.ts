import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What this process can do about memory that it does not need. */
export interface ProcessMemory {
  /** From now on V8 collects garbage before that is a quarter of what is in use; by default it may be several times as much. */
  limitGarbage(): void;
  /** Collects all garbage at once: about a millisecond for each megabyte in use. */
  collect(): void;
  /** Gives the system back what malloc keeps of freed memory: a few milliseconds. */
  release(): void;
}

/** The process's own; what this Node, or the C library, does not offer is left out. */
export async function createProcessMemory(): Promise<ProcessMemory> {
  const trim = await loadTrim();
  return {
    limitGarbage: () => {
      setFlagsFromString('--heap-growing-percent=25');
    },
    collect: () => {
      // The function is there in contexts that are made while the flag is set. This one is garbage afterwards.
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('globalThis.gc') as (() => void) | undefined;
      setFlagsFromString('--no-expose-gc');
      collect?.();
    },
    release: () => {
      trim(0);
    },
  };
}

// Free pieces between pieces in use stay with the process until glibc is told: 60 MB with 100,000 workload endpoints.
async function loadTrim(): Promise<(keep: number) => unknown> {
  try {
    const koffi = await import('koffi');
    return koffi.load(null).func('int malloc_trim(size_t keep)');
  } catch {
    return () => 0;
  }
}
