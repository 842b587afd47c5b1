import assert from 'node:assert/strict';
import { missingLine, readWalkthrough } from './walkthrough.ts';

const PAGE = [
  'Write this:',
  '',
  '```yaml',
  '# /etc/rampart/a.yaml',
  'a: 1',
  '```',
  '',
  '```yaml',
  'only: for reading',
  '```',
  '',
  '```console',
  'web-1# rampartctl status',
  'in sync   since …',
  '',
  'app-1$ curl http://192.0.2.10/',
  '```',
].join('\n');

describe('readWalkthrough', () => {
  it('finds files and commands in their order, and nothing in blocks for reading', () => {
    assert.deepEqual(readWalkthrough(PAGE), [
      { kind: 'file', path: '/etc/rampart/a.yaml', text: '# /etc/rampart/a.yaml\na: 1\n' },
      {
        kind: 'command',
        host: 'web-1',
        command: 'rampartctl status',
        expected: ['in sync   since …'],
      },
      { kind: 'command', host: 'app-1', command: 'curl http://192.0.2.10/', expected: [] },
    ]);
  });
});

describe('missingLine', () => {
  it('takes lines in order, with others between them, whatever their columns', () => {
    assert.equal(missingLine(['a …', 'c'], 'x\n a    b (1)\ny\nc\n'), null);
  });

  it('names what is missing, or comes too early', () => {
    assert.equal(missingLine(['a', 'b'], 'b\na\n'), 'b');
    assert.equal(missingLine(['a.c'], 'abc'), 'a.c');
  });
});
