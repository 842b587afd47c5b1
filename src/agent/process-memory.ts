import { setFlagsFromString } from 'node:v8';
import { ownProgramRanges } from './program-pages.ts';

/** What this process can do about memory that it does not need. */
export interface ProcessMemory {
  /**
   * From the next round on V8 collects garbage before that is a quarter of what is in use, or 16 MB where that is more at
   * present; by default it may be several times as much. To be called again when the heap may have grown.
   */
  limitGarbage(): void;
  /**
   * Has garbage collected beside what goes on, within a second or two, and the rest moved closer together, which stops
   * everything for some 60 ms in a heap of 100 MB.
   */
  collect(): void;
  /** Gives the system back what malloc keeps of freed memory: a few milliseconds. After `collect`. */
  release(): void;
  /**
   * Lets go of Node's code and constants, of which a start needs a lot more than the time after it. What is needed again is
   * found in the page cache, 64 KiB at a time (`madvise`, MADV_DONTNEED). For when things are calm. Never rejects: what the
   * kernel refuses stays.
   */
  unmap(): Promise<void>;
}

// V8 begins to collect, step by step and beside the main thread, when there are 64 MB more of buffers than after the
// last time. To be asked (`gc()`) it would do everything at once: 130 to 270 ms in such a heap.
const BUFFERS = 2;
// Beyond what malloc ever takes from its heap (DEFAULT_MMAP_THRESHOLD_MAX): never written to, they take no memory.
const BUFFER_BYTES = 33 * 2 ** 20;

// MADV_DONTNEED, madvise(2).
const DONT_NEED = 4;

const GARBAGE_PERCENT = 25;
// A quarter of a small heap is a few large network sets, and a round through it takes some 20 ms.
const GARBAGE_BYTES = 16 * 2 ** 20;

/** The process's own; what the C library does not offer is left out. */
export async function createProcessMemory(): Promise<ProcessMemory> {
  const { trim, advise } = await loadCalls();
  return {
    limitGarbage: () => {
      const { heapUsed } = process.memoryUsage();
      const percent = Math.max(GARBAGE_PERCENT, Math.ceil((GARBAGE_BYTES / heapUsed) * 100));
      setFlagsFromString(`--heap-growing-percent=${percent}`);
    },
    collect: () => {
      // Pages that are a fifth empty are cleared, not only those that are mostly empty.
      setFlagsFromString('--optimize-for-size');
      for (let i = 0; i < BUFFERS; i++) new ArrayBuffer(BUFFER_BYTES);
    },
    release: () => {
      setFlagsFromString('--no-optimize-for-size');
      trim(0);
    },
    unmap: async () => {
      for (const { start, end } of await ownProgramRanges()) advise(start, end - start, DONT_NEED);
    },
  };
}

type Call = (...args: readonly (number | bigint)[]) => unknown;

interface Calls {
  // Free pieces between pieces in use stay with the process until glibc is told: 60 MB with 100,000 workload endpoints.
  readonly trim: Call;
  readonly advise: Call;
}

async function loadCalls(): Promise<Calls> {
  const find = await openLibc();
  return {
    trim: find('int malloc_trim(size_t keep)'),
    advise: find('int madvise(uintptr_t start, size_t length, int advice)'),
  };
}

// A call that is not there does nothing: other C libraries than glibc have no malloc_trim.
async function openLibc(): Promise<(prototype: string) => Call> {
  const nothing: Call = () => 0;
  try {
    const koffi = await import('koffi');
    const libc = koffi.load(null);
    return (prototype) => {
      try {
        return libc.func(prototype);
      } catch {
        return nothing;
      }
    };
  } catch {
    return () => nothing;
  }
}
