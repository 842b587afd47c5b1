import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/base/logger.ts';
import { CrashMarker, lastUse } from '../../src/nftables-json/crash-marker.ts';
import { recordingLogger } from './test-system.ts';

describe('CrashMarker', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rampart-marker-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('tells a death inside a call from any other', () => {
    assert.equal(lastUse(directory).kind, 'fine');
    const marker = new CrashMarker(directory, silentLogger);
    assert.equal(lastUse(directory).kind, 'fine');
    marker.enter();
    assert.equal(lastUse(directory).kind, 'crashed');
    marker.leave();
    assert.equal(lastUse(directory).kind, 'fine');
    marker.remove();
    assert.deepEqual(readdirSync(directory), []);
  });

  it('starts afresh over an old marker', () => {
    new CrashMarker(directory, silentLogger).enter();
    const marker = new CrashMarker(directory, silentLogger);
    assert.equal(lastUse(directory).kind, 'fine');
    marker.remove();
  });

  it('does without a directory, saying so once', () => {
    const logger = recordingLogger();
    const marker = new CrashMarker(join(directory, 'none'), logger);
    marker.enter();
    marker.leave();
    marker.remove();
    assert.deepEqual(logger.lines, ['warn cannot keep the crash marker of libnftables']);
    assert.equal(lastUse(join(directory, 'none')).kind, 'fine');
  });
});
