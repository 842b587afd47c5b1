import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { ownProgramRanges, programRanges } from '../../src/agent/program-pages.ts';
import type { MappedRange } from '../../src/agent/program-pages.ts';
import { runCommand } from '../support/command.ts';

const COUNT = `
  import { ownProgramRanges } from './src/agent/program-pages.ts';
  console.log((await ownProgramRanges()).length);
`;
const NODE = '/usr/lib/rampart/node';

describe('programRanges', () => {
  const mapping = (header: string, { anonymous = 0, swap = 0 } = {}): string =>
    `${header}\nRss:   4 kB\nAnonymous:   ${anonymous} kB\nSwap:   ${swap} kB\nSwapPss:   0 kB\nVmFlags: rd mr mw me\n`;
  const FIRST = mapping(`00400000-00746000 r--p 00000000 fe:00 1563        ${NODE}`);
  const text = ({ start, end }: MappedRange): string => `${start.toString(16)}-${end.toString(16)}`;
  const read = (...mappings: readonly string[]): readonly string[] =>
    programRanges([FIRST, ...mappings].join(''), NODE).map(text);

  it('finds code and constants of the program', () => {
    const found = read(
      mapping(`0074a000-03044000 r-xp 0034a000 fe:00 1563        ${NODE}`),
      mapping(`03201000-06b51000 r--p 02e01000 fe:00 1563        ${NODE}`),
    );
    assert.deepEqual(found, ['400000-746000', '74a000-3044000', '3201000-6b51000']);
  });

  it('leaves what was written to, or may be', () => {
    const found = read(
      mapping(`06b52000-06b56000 r--p 06752000 fe:00 1563        ${NODE}`, { anonymous: 16 }),
      mapping(`06b56000-06b7d000 rw-p 06756000 fe:00 1563        ${NODE}`),
      mapping(`06b80000-06b90000 r--s 06780000 fe:00 1563        ${NODE}`),
    );
    assert.deepEqual(found, ['400000-746000']);
  });

  it('leaves what was written to and is swapped out, which is not resident, and so not anonymous', () => {
    const relocated = `06b52000-06b56000 r--p 06752000 fe:00 1563        ${NODE}`;
    assert.deepEqual(read(mapping(relocated, { swap: 16 })), ['400000-746000']);
    assert.deepEqual(read(mapping(relocated)), ['400000-746000', '6b52000-6b56000']);
  });

  it('leaves all where the kernel does not tell of pages that are swapped out', () => {
    assert.deepEqual(programRanges(FIRST.replace(/^Swap: .*\n/m, ''), NODE), []);
  });

  it('leaves what V8 has of the program beside compiled code, and libraries', () => {
    const found = read(
      mapping(`7f2b67dc0000-7f2b67fc5000 r-xp 01627000 fe:00 1563       ${NODE}`),
      mapping('7f3496344000-7f349635d000 r--p 00000000 fe:00 17         /usr/lib/libnftables.so.1'),
    );
    assert.deepEqual(found, ['400000-746000']);
  });

  it('finds a program whose file is gone since', () => {
    const gone = `${NODE} (deleted)`;
    const smaps = mapping(`00400000-00746000 r--p 00000000 fe:00 1563        ${gone}`);
    assert.deepEqual(programRanges(smaps, gone).map(text), ['400000-746000']);
  });

  it('finds nothing where it cannot tell', () => {
    const without = mapping(`0074a000-03044000 r-xp 0034a000 fe:00 1563        ${NODE}`);
    for (const smaps of ['', without]) assert.deepEqual(programRanges(smaps, NODE), []);
  });

  it('finds most of what this process has of its program', async () => {
    const ranges = await ownProgramRanges();
    const bytes = ranges.reduce((sum, { start, end }) => sum + Number(end - start), 0);
    assert.ok(bytes > 20e6, `${bytes} bytes`);
  });

  it('finds a program whose path is not ASCII', async () => {
    const home = await mkdtemp(join(tmpdir(), 'rampart-\u00e9-'));
    try {
      const program = join(home, 'node');
      await copyFile(process.execPath, program);
      const argv = [program, '--import=tsx', '--input-type=module', '--eval', COUNT];
      assert.match(await runCommand(argv), /^[1-9]$/m);
    } finally {
      await rm(home, { recursive: true });
    }
  });
});
