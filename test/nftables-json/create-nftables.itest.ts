import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CrashMarker, lastUse } from '../../src/nftables-json/crash-marker.ts';
import { createNftables } from '../../src/nftables-json/create-nftables.ts';
import { describeInOwnNamespace } from './own-namespace.ts';
import { realClock, recordingLogger } from './test-system.ts';

describeInOwnNamespace('createNftables', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rampart-create-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  for (const [transport, used] of [
    ['auto', 'library'],
    ['library', 'library'],
    ['process', 'process'],
  ] as const) {
    it(`uses the ${used} when told ${transport}, and leaves nothing behind`, async () => {
      const logger = recordingLogger();
      const nftables = await open(transport, logger);
      assert.equal(nftables.info.transport, used);
      assert.equal(await nftables.read(), null);
      await nftables.close();
      assert.deepEqual(readdirSync(directory), []);
      assert.deepEqual(logger.lines, []);
    });
  }

  it('keeps to the nft program after a death inside the library, until the marker is gone', async () => {
    const logger = recordingLogger();
    new CrashMarker(directory, logger).enter();
    for (let start = 0; start < 2; start++) {
      const nftables = await open('auto', logger);
      assert.equal(nftables.info.transport, 'process');
      await nftables.close();
    }
    assert.equal(logger.lines.length, 2);
    assert.match(logger.lines[0] ?? '', /^error the last process died inside libnftables/);
    for (const file of readdirSync(directory)) rmSync(join(directory, file));
    const nftables = await open('auto', logger);
    assert.equal(nftables.info.transport, 'library');
    await nftables.close();
  });

  it('recognises the death of a process in the middle of a call', () => {
    const child = join(import.meta.dirname, 'die-in-call.ts');
    const { signal } = spawnSync(process.execPath, ['--import', 'tsx', child, directory]);
    assert.equal(signal, 'SIGABRT');
    assert.equal(lastUse(directory).kind, 'crashed');
  });

  it('rejects calls after close', async () => {
    const nftables = await open('auto', recordingLogger());
    await nftables.close();
    await nftables.close();
    await assert.rejects(nftables.read(), /closed/);
  });

  function open(
    transport: 'auto' | 'library' | 'process',
    logger: ReturnType<typeof recordingLogger>,
  ): ReturnType<typeof createNftables> {
    return createNftables({
      transport,
      runDir: directory,
      stateDir: directory,
      logger,
      clock: realClock,
    });
  }
});
