import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readConfigFile } from '../../src/config/config-file.ts';
import { formatProblem } from '../../src/base/problem.ts';

const PATH = '/etc/rampart/rampart.yaml';

function read(text: string): Record<string, string> {
  const { byKey, problems } = readConfigFile(text, PATH);
  assert.deepEqual(problems, []);
  return Object.fromEntries([...byKey].map(([key, { text: value }]) => [key, value]));
}

function problemsOf(text: string): readonly string[] {
  return readConfigFile(text, PATH).problems.map(formatProblem);
}

describe('readConfigFile', () => {
  it('flattens nested keys', () => {
    assert.deepEqual(read('node:\n  name: web01\nhealth: {enabled: false, port: 19099}\n'), {
      'node.name': 'web01',
      'health.enabled': 'false',
      'health.port': '19099',
    });
  });

  it('reads a dotted key like a nested one', () => {
    assert.deepEqual(read('node.name: web01\n'), { 'node.name': 'web01' });
  });

  it('joins lists with commas', () => {
    assert.deepEqual(read('etcd:\n  endpoints:\n    - https://a:2379\n    - https://b:2379\n'), {
      'etcd.endpoints': 'https://a:2379,https://b:2379',
    });
  });

  it('keeps scalars as they were typed', () => {
    assert.deepEqual(read('node: {name: 0123}\nhealth: {port: 0x10}\nlog: {level: "info"}'), {
      'node.name': '0123',
      'health.port': '0x10',
      'log.level': 'info',
    });
  });

  it('follows anchors and aliases', () => {
    assert.deepEqual(read('health: {host: &h 127.0.0.2}\nmetrics: {host: *h}'), {
      'health.host': '127.0.0.2',
      'metrics.host': '127.0.0.2',
    });
  });

  it('accepts an empty file, comments only, and sections without keys', () => {
    for (const text of ['', '\n', '# nothing\n', '---\n', 'etcd:\nhealth: {}\n', '~']) {
      assert.deepEqual(read(text), {});
    }
  });

  it('says in which line a value stands', () => {
    const { byKey } = readConfigFile('# one\n\nhealth:\n  port: 1\n', PATH);
    assert.equal(byKey.get('health.port')?.origin, `${PATH} line 4`);
  });

  const refused: readonly (readonly [string, string])[] = [
    [
      'health:\n  prot: 1',
      `${PATH} line 2: health.prot: There is no such key; did you mean health.port?`,
    ],
    ['helth:\n  port: 1', `${PATH} line 1: helth: There is no such key; did you mean health?`],
    ['strictness: high', `${PATH} line 1: strictness: There is no such key; remove it.`],
    ['__proto__: {a: 1}', `${PATH} line 1: __proto__: There is no such key; remove it.`],
    ['constructor: 1', `${PATH} line 1: constructor: There is no such key; remove it.`],
    [
      'log:\n  level:\n',
      `${PATH} line 2: log.level: Found no value; write debug, info, warn or error, or remove the line.`,
    ],
    [
      'stateDir: {a: 1}',
      `${PATH} line 1: stateDir: Found a mapping; write an absolute path, such as /etc/rampart/etcd-ca.pem, or remove the line.`,
    ],
    [
      'health: 9099',
      `${PATH} line 1: health: Found "9099"; write the keys of health below it, indented.`,
    ],
    [
      'health: [9099]',
      `${PATH} line 1: health: Found a list; write the keys of health below it, indented.`,
    ],
    [
      'node.name: a\nnode:\n  name: b',
      `${PATH} line 3: node.name: This key is given twice, first in ${PATH} line 1; keep one of them.`,
    ],
    [
      'a\n---\nb',
      `${PATH} line 2: A second YAML document starts here; keep all settings in one, without "---" lines.`,
    ],
    [
      '- a\n- b',
      `${PATH} line 1: The file must be a mapping of keys to values, such as "node: {name: web01}".`,
    ],
  ];
  for (const [text, expected] of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.deepEqual(problemsOf(text), [expected]);
    });
  }

  it('refuses a password without printing it', () => {
    const [problem = ''] = problemsOf('etcd:\n  password: hunter2\n');
    assert.match(problem, /line 2: etcd\.password: .*etcd\.passwordFile/);
    assert.doesNotMatch(problem, /hunter2/);
  });

  it('reports broken YAML with its line', () => {
    const [problem = ''] = problemsOf('node:\n  name: "web01\n');
    assert.match(problem, /line [23]: This is not YAML: /);
  });

  it('never throws', () => {
    const pieces = fc.constantFrom(
      'node',
      'health',
      ':',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '&a ',
      '*a',
      '!!x ',
      '"',
      '|',
      '?',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((all) => all.join('')),
        ),
        (text) => {
          const { problems } = readConfigFile(text, PATH);
          assert.ok(problems.every((problem) => problem.message !== ''));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
