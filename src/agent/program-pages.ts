import { readFile, readlink } from 'node:fs/promises';

/** A stretch of the address space: both ends are multiples of the page size, the second is not in it. */
export interface MappedRange {
  readonly start: bigint;
  readonly end: bigint;
}

// Executable code and constants: `00746000-00749000 r-xp 00346000 fe:00 1563   /usr/lib/rampart/node`.
const HEADER = /^([\da-f]+)-([\da-f]+) r-[x-]p ([\da-f]+) \S+ \S+ +(\/.*)$/m;
// Pages that were written to are counted as anonymous while they are in memory, and as nothing but swap when they are not.
const NEVER_WRITTEN = [/^Anonymous: +0 kB$/m, /^Swap: +0 kB$/m];
const EACH = /^(?=[\da-f]+-[\da-f]+ )/m;

/**
 * Where a process has its program's code and constants, and nothing but pages as they are on disk, of the text of
 * /proc/PID/smaps: what is dropped there is read again when it is needed.
 *
 * Pages that were written to, such as those that a linker has relocated, are anonymous or swapped out, also when nobody may
 * write to them any more: their stretches are not in it. Nor is anything that may be gone, and other memory in its place, by the time
 * that one acts on it: libraries, and the pieces of the program that V8 has in a second place, beside what it compiles, as
 * long as a thread lasts. Pieces in their first place are as far from each other as they are in the file.
 */
export function programRanges(smaps: string, program: string): readonly MappedRange[] {
  const mappings = smaps.split(EACH).flatMap((text) => {
    const [, start, end, offset, file] = HEADER.exec(text) ?? [];
    if (file !== program) return [];
    const from = hex(start);
    return { start: from, end: hex(end), base: from - hex(offset), offset: hex(offset), text };
  });
  const base = mappings.find(({ offset }) => offset === 0n)?.base;
  return mappings
    .filter((mapping) => mapping.base === base && isUnwritten(mapping.text))
    .map(({ start, end }) => ({ start, end }));
}

/** Those of this process; none where it may not know. */
export async function ownProgramRanges(): Promise<readonly MappedRange[]> {
  try {
    const program = await readlink('/proc/self/exe', 'latin1');
    return programRanges(await readFile('/proc/self/smaps', 'latin1'), program);
  } catch {
    return [];
  }
}

function isUnwritten(mapping: string): boolean {
  return NEVER_WRITTEN.every((line) => line.test(mapping));
}

function hex(digits = '0'): bigint {
  return BigInt(`0x${digits}`);
}
