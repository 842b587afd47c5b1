import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readConfigFile } from '../../src/config/config-file.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { SETTING_KEYS } from '../../src/config/setting-keys.ts';

const text = readFileSync(new URL('../../config/rampart.yaml', import.meta.url), 'utf8');
const lines = text.split('\n');
const isKey = (line: string): boolean => /^ *#[a-zA-Z]+:/.test(line);
const uncommented = lines.map((line) => (isKey(line) ? line.replace('#', '') : line)).join('\n');

function load(fileText: string): ReturnType<typeof loadConfig> {
  return loadConfig({ fileText, filePath: 'rampart.yaml', environment: {}, hostName: 'web01' });
}

describe('config/rampart.yaml', () => {
  it('changes nothing as shipped', () => {
    const shipped = load(text);
    assert.ok(shipped.ok);
    assert.deepEqual(shipped, load(''));
  });

  it('names every key that a file may hold, in the order of the schema', () => {
    const { byKey, problems } = readConfigFile(uncommented, 'rampart.yaml');
    assert.deepEqual(problems, []);
    const keys = SETTING_KEYS.filter(({ schema }) => schema.isSecret !== true);
    assert.deepEqual(
      [...byKey.keys()],
      keys.map(({ key }) => key),
    );
  });

  for (const { key, schema } of SETTING_KEYS) {
    if (schema.isSecret === true) continue;
    it(`shows ${key} with ${schema.default === null ? 'a valid example' : 'its default'}`, () => {
      const shown = readConfigFile(uncommented, 'rampart.yaml').byKey.get(key)?.text ?? '';
      const value = schema.valueFormat.parse(shown);
      assert.notEqual(value, null);
      if (schema.default !== null) assert.deepEqual(value, schema.default);
    });
  }

  it('explains every key in one line right above it', () => {
    for (const [index, line] of lines.entries()) {
      if (isKey(line)) assert.match(lines[index - 1] ?? '', /^ *# \S.*\.$/, line);
    }
  });
});

describe('the settings', () => {
  it('have environment variables of their own, different from each other', () => {
    const variables = SETTING_KEYS.map(({ variable }) => variable);
    assert.equal(new Set(variables).size, SETTING_KEYS.length);
    assert.ok(variables.every((variable) => /^RAMPART(_[A-Z]+)+$/.test(variable)));
  });

  it('have defaults that their own formats read back', () => {
    for (const { key, schema } of SETTING_KEYS) {
      if (schema.default === null) continue;
      const { valueFormat } = schema;
      assert.deepEqual(valueFormat.parse(valueFormat.format(schema.default)), schema.default, key);
    }
  });
});
