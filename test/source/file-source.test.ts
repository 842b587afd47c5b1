import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/base/logger.ts';
import { createFileSource } from '../../src/source/file-source.ts';
import type { AdmittedObject } from '../../src/source/manifest-set.ts';
import type { Source } from '../../src/source/source.ts';
import { realClock } from './real-clock.ts';
import { Recorder } from './recorder.ts';
import { describeSourceContract } from './source-contract.ts';

/** Documents of these tests say what they are stored as: `{key, value}`, or `{complaint}`. */
function admit(document: unknown): readonly AdmittedObject[] {
  const { key, value, complaint } = document as Record<string, unknown>;
  const problem = (message: string): AdmittedObject['problems'][number] => ({
    severity: 'error',
    code: 'test',
    object: 'Tier x',
    field: 'spec',
    message,
  });
  return [
    {
      key: typeof key === 'string' ? key : null,
      value: typeof value === 'string' ? value : null,
      problems: typeof complaint === 'string' ? [problem(complaint)] : [],
    },
  ];
}

function open(directory: string): Source {
  const options = { directory, admit, pollMs: 100, settleMs: 80 };
  return createFileSource(options, { clock: realClock, logger: silentLogger });
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}~`, text);
  await rename(`${path}~`, path);
}

describeSourceContract('createFileSource', async () => {
  const root = await mkdtemp(join(tmpdir(), 'rampart-files-'));
  const directory = join(root, 'resources');
  await mkdir(directory);
  let place = directory;
  const state = new Map<string, string>();
  return {
    source: open(directory),
    change: async (changes) => {
      for (const { key, value } of changes) {
        if (value === null) state.delete(key);
        else state.set(key, value);
      }
      const documents = Array.from(state, ([key, value]) => JSON.stringify({ key, value }));
      await replace(join(place, 'all.yaml'), documents.map((text) => `---\n${text}\n`).join(''));
    },
    away: async () => {
      place = join(root, 'away');
      await rename(directory, place);
    },
    back: async () => {
      place = directory;
      await rename(join(root, 'away'), directory);
    },
    dispose: () => rm(root, { recursive: true }),
  };
});

describe('createFileSource', () => {
  let directory: string;
  let source: Source;
  let heard: Recorder;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rampart-files-'));
    source = open(directory);
    heard = new Recorder();
  });
  afterEach(async () => {
    await source.close();
    await rm(directory, { recursive: true, force: true });
  });

  const write = (name: string, text: string): Promise<void> =>
    writeFile(join(directory, name), text);
  const started = async (): Promise<void> => {
    source.start(heard.listener);
    await heard.inSync();
  };

  it('reads YAML and JSON files, many documents each, and nothing else', async () => {
    await write(
      'a.yaml',
      '# only a comment\n---\nkey: /a\nvalue: one\n---\n---\nkey: /b\nvalue: two\n',
    );
    await write('b.yml', 'key: /c\nvalue: |\n  three\n');
    await write('c.json', '{\n\t"key": "/d", "value": "four"}');
    await write('.hidden.yaml', 'key: /x1\nvalue: no\n');
    await write('~draft.yaml', 'key: /x2\nvalue: x\n');
    await write('old.yaml~', 'key: /x3\nvalue: x\n');
    await write('README.md', 'key: /x4\nvalue: x\n');
    await mkdir(join(directory, 'sub.yaml'));
    await write('sub.yaml/e.yaml', 'key: /x5\nvalue: x\n');
    await started();
    assert.deepEqual(Object.fromEntries(heard.state), {
      '/a': 'one',
      '/b': 'two',
      '/c': 'three\n',
      '/d': 'four',
    });
    assert.deepEqual(heard.of('problems'), []);
  });

  it('lets the last of two objects win, in bytewise file order, and names both places', async () => {
    await write('b.yaml', 'key: /k\nvalue: in b\n');
    await write('Z.yaml', '---\nkey: /k\nvalue: in Z\n---\nkey: /k\nvalue: in Z again\n');
    await started();
    assert.equal(heard.state.get('/k'), 'in b');
    assert.deepEqual(
      heard.problems.map(({ severity, object, message }) => [severity, object, message]),
      [
        [
          'warning',
          'Z.yaml:5 /k',
          'Given twice, at Z.yaml:2 and at Z.yaml:5; the latter counts. Remove one.',
        ],
        [
          'warning',
          'b.yaml:1 /k',
          'Given twice, at Z.yaml:5 and at b.yaml:1; the latter counts. Remove one.',
        ],
      ],
    );
  });

  it('puts file and line before the problems of an object, and takes them back', async () => {
    await write('a.yaml', 'key: /a\nvalue: a\n---\ncomplaint: wrong\n');
    await started();
    assert.deepEqual(
      heard.problems.map(({ object, field, message }) => [object, field, message]),
      [['a.yaml:4 Tier x', 'spec', 'wrong']],
    );
    const told = heard.next('problems');
    await write('a.yaml', 'key: /a\nvalue: a\n');
    assert.deepEqual((await told).problems, []);
  });

  it('keeps everything as it was while one file is not YAML', async () => {
    await write('a.yaml', 'key: /a\nvalue: old\n');
    await write('b.yaml', 'key: /b\nvalue: b\n');
    await started();
    const told = heard.next('problems');
    await write('b.yaml', 'key: /b\nvalue: "unfinished\n');
    const [problem] = (await told).problems;
    assert.ok(problem !== undefined);
    assert.equal(problem.severity, 'error');
    assert.match(problem.object, /^b\.yaml:\d$/);
    assert.match(problem.message, /not valid YAML: Missing closing "quote/);
    await write('a.yaml', 'key: /a\nvalue: new\n');
    const before = heard.events.length;
    const again = heard.next('in-sync');
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.equal(heard.events.length, before);
    await write('b.yaml', 'key: /b\nvalue: b\n');
    await again;
    assert.deepEqual(
      heard.updates(before).map(({ key }) => key),
      ['/a'],
    );
    assert.deepEqual(heard.problems, []);
    assert.deepEqual(heard.of('lost'), []);
  });

  it('is not in sync before a broken file is mended, and names every kind of breakage', async () => {
    await write('alias.yaml', 'a: *nowhere\n');
    await write('twice.yaml', 'key: /k\nkey: /l\n');
    await writeFile(join(directory, 'bytes.yaml'), Uint8Array.of(0x6b, 0x3a, 0x20, 0xff));
    await symlink('/nonexistent/target', join(directory, 'dangling.yaml'));
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (const [i, name] of ['b', 'c', 'd', 'e', 'f', 'g'].entries()) {
      const previous = 'abcdef'.charAt(i);
      bomb.push(`${name}: &${name} [${Array(10).fill(`*${previous}`).join(',')}]`);
    }
    await write('bomb.yaml', bomb.join('\n') + '\n');
    source.start(heard.listener);
    await heard.next('problems');
    assert.deepEqual(
      heard.problems.map(({ object, code }) => [object, code]),
      ['alias.yaml:1', 'bomb.yaml:1', 'bytes.yaml', 'dangling.yaml', 'twice.yaml:2'].map(
        (place) => [place, 'manifest-unreadable'],
      ),
    );
    assert.deepEqual(heard.of('in-sync'), []);
    for (const { object } of heard.problems) {
      await unlink(join(directory, object.replace(/:\d+$/, '')));
    }
    await heard.inSync();
  });

  it('follows the swap of a mounted configuration map in one event', async () => {
    for (const version of ['v1', 'v2']) {
      await mkdir(join(directory, version));
      await write(`${version}/a.yaml`, `key: /a\nvalue: ${version}\n`);
      await write(`${version}/b.yaml`, `key: /b\nvalue: ${version}\n`);
    }
    await symlink('v1', join(directory, '..data'));
    await symlink('..data/a.yaml', join(directory, 'a.yaml'));
    await symlink('..data/b.yaml', join(directory, 'b.yaml'));
    await started();
    const told = heard.next('updates');
    await symlink('v2', join(directory, '..tmp'));
    await rename(join(directory, '..tmp'), join(directory, '..data'));
    const { updates } = await told;
    assert.deepEqual(
      updates.map(({ key, value }) => [key, value && Buffer.from(value).toString()]),
      [
        ['/a', 'v2'],
        ['/b', 'v2'],
      ],
    );
  });

  it('does not believe a file that is still being written, though what is there is valid', async () => {
    await write('a.yaml', 'key: /a\nvalue: a\n---\nkey: /b\nvalue: b\n');
    await started();
    const before = heard.events.length;
    await write('a.yaml', 'key: /a\nvalue: a');
    await new Promise((resolve) => setTimeout(resolve, 120));
    assert.equal(heard.events.length, before);
    await write('a.yaml', 'key: /a\nvalue: a\n---\nkey: /b\nvalue: c\n');
    await heard.has('/b', 'c');
    assert.deepEqual(
      heard.updates(before).map(({ key }) => key),
      ['/b'],
    );
  });

  it('does not believe a file that was emptied to be written anew', async () => {
    await write('a.yaml', 'key: /a\nvalue: a\n');
    await started();
    const before = heard.events.length;
    await write('a.yaml', '');
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(heard.events.length, before);
    await write('a.yaml', 'key: /a\nvalue: b\n');
    await heard.has('/a', 'b');
    assert.equal(heard.updates(before).length, 1);
    await write('a.yaml', '');
    await heard.has('/a', null);
  });

  it('does not take a file for deleted that is only being replaced', async () => {
    await write('a.yaml', 'key: /a\nvalue: a\n');
    await write('b.yaml', 'key: /b\nvalue: b\n');
    await started();
    const before = heard.events.length;
    await unlink(join(directory, 'a.yaml'));
    await new Promise((resolve) => setTimeout(resolve, 60));
    await write('a.yaml', 'key: /a\nvalue: new\n');
    await heard.has('/a', 'new');
    assert.equal(heard.updates(before).length, 1);
    await unlink(join(directory, 'a.yaml'));
    await heard.has('/a', null);
    assert.deepEqual([...heard.state.keys()], ['/b']);
  });

  it('waits for a directory that does not exist, and says what to create', async () => {
    await rm(directory, { recursive: true });
    source.start(heard.listener);
    const { error } = await heard.next('lost');
    assert.match(error.message, new RegExp(`${directory}.*create it.*datastore\\.directory`));
    await mkdir(directory);
    await write('a.yaml', 'key: /a\nvalue: a\n');
    await heard.inSync();
    await heard.has('/a', 'a');
    assert.equal(heard.of('lost').length, 1);
  });

  it('reads yes, no, on and off as calicoctl does', async () => {
    const seen: unknown[] = [];
    await source.close();
    source = createFileSource(
      {
        directory,
        admit: (document) => {
          seen.push(document);
          return [];
        },
      },
      { clock: realClock, logger: silentLogger },
    );
    await write('a.yaml', 'a: yes\nb: Off\nc: "no"\nd: yesterday\n<<: {e: ON}\n');
    await started();
    assert.deepEqual(seen, [{ a: true, b: false, c: 'no', d: 'yesterday', e: true }]);
  });
});
