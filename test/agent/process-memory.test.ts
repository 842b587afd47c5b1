import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout as rest } from 'node:timers/promises';
import { before, describe, it } from 'mocha';
import { createProcessMemory } from '../../src/agent/process-memory.ts';
import type { ProcessMemory } from '../../src/agent/process-memory.ts';

describe('ProcessMemory', () => {
  let memory: ProcessMemory;

  before(async () => {
    memory = await createProcessMemory();
  });

  it('collects garbage of this process, without being in the way', async function () {
    this.timeout(20_000);
    const collected: string[] = [];
    const registry = new FinalizationRegistry((name: string) => collected.push(name));
    registry.register({}, 'garbage');
    for (let i = 0; i < 100 && collected.length === 0; i++) {
      memory.collect();
      await rest(100);
    }
    memory.release();
    assert.deepEqual(collected, ['garbage']);
    registry.unregister(memory);
  });

  it('lets go of code that only the start needed, and goes on', async () => {
    const before = await mappedOfFiles();
    await memory.unmap();
    const after = await mappedOfFiles();
    assert.ok(after < 0.7 * before, `${after} of ${before} kB of files are still mapped`);
    assert.equal(eval('[1, 2, 3].map((n) => n * 2).join()'), '2,4,6');
  });
});

// Kilobytes.
async function mappedOfFiles(): Promise<number> {
  const status = await readFile('/proc/self/status', 'latin1');
  return Number(/^RssFile:\s+(\d+) kB$/m.exec(status)?.[1]);
}
