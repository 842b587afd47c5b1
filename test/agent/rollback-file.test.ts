import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RollbackFile } from '../../src/agent/rollback-file.ts';
import { NORMAL } from '../../src/agent/rollback-state.ts';
import type { RollbackState } from '../../src/agent/rollback-state.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { fixedElements } from '../../src/ruleset/element-set.ts';
import type { Ruleset } from '../../src/ruleset/ruleset.ts';
import { rulesNamed } from './rollback-rig.ts';

const LARGEST = 1000;
const WATCHING: RollbackState = {
  ...{ kind: 'watching', by: 'daemon', until: 5, objects: ['GlobalNetworkPolicy web'] },
  revision: 7,
};
const ROLLED_BACK: RollbackState = {
  ...{ kind: 'rolled-back', by: 'daemon', reason: 'ssh-lost', at: 6, revision: 7 },
  ...{ objects: ['GlobalNetworkPolicy web'], held: { rules: 'hash', members: null } },
};

describe('RollbackFile', () => {
  let directory: string;
  let file: RollbackFile;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rampart-rollback-file-'));
    file = new RollbackFile(directory, silentLogger, LARGEST);
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('writes no rules that a start would not read, and says so until they are not needed', async () => {
    await file.save(WATCHING, withMembers(100));
    assert.deepEqual(readdirSync(directory), []);
    const [fault] = file.faults();
    assert.equal(fault?.code, 'rollback-unsaved');
    assert.match(fault.message, /rollback-rules\.json.*: they take more than 1000 bytes/);
    assert.match(fault.message, /a restart/);
    await file.save(NORMAL);
    assert.deepEqual(file.faults(), []);
  });

  it('leaves what it saved before where the next rules are too large', async () => {
    await file.save(WATCHING, rulesNamed('small'));
    const before = file.read();
    await file.save({ ...WATCHING, revision: 8 }, withMembers(100));
    assert.deepEqual(file.read(), before);
    assert.equal(file.faults().length, 1);
    await file.save(WATCHING, rulesNamed('other'));
    assert.deepEqual([...(file.read().target?.chains.keys() ?? [])], ['other']);
    assert.deepEqual(file.faults(), []);
  });

  it('goes back to no rules of long ago, which a crash has left without a state', async () => {
    await file.save(WATCHING, rulesNamed('long ago'));
    rmSync(join(directory, 'rollback.json'));
    assert.deepEqual(file.read(), { state: NORMAL, target: null });
    await file.save(WATCHING, withMembers(100));
    await file.save(ROLLED_BACK);
    assert.deepEqual(file.read(), { state: ROLLED_BACK, target: null });
  });

  it('says what the system says where the directory cannot be written', async () => {
    const inFile = new RollbackFile('/dev/null/state', silentLogger);
    await inFile.save(WATCHING, rulesNamed('small'));
    assert.match(inFile.faults()[0]?.message ?? '', /ENOTDIR/);
  });
});

function withMembers(count: number): Ruleset {
  const members = Array.from({ length: count }, (_, i) => `10.0.0.${i}`);
  const set = { name: 's', family: 4, kind: 'hash' } as const;
  const sets = new Map([['s', { ...set, elements: fixedElements(members) }]]);
  return { ...rulesNamed('large'), sets };
}
