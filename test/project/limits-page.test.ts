import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { LARGEST_SNAPSHOT_BYTES } from '../../src/agent/own-file.ts';
import { LARGEST_RULES_BYTES } from '../../src/agent/rollback-file.ts';
import { LARGEST_STATE_BYTES } from '../../src/agent/state-file.ts';
import { BODY_LIMIT } from '../../src/control/read-body.ts';
import { MOST_CONNECTIONS } from '../../src/control/server.ts';
import { MAX_SET_MEMBERS } from '../../src/policy/crowded-sets.ts';
import { MAX_STAGE_RULES } from '../../src/policy/rule-limit.ts';
import { MAX_OBJECT_BYTES, MAX_PORTS, MAX_RULES } from '../../src/resource/limits.ts';
import { MAX_NAME } from '../../src/resource/names.ts';
import { MAX_DEPTH, MAX_LENGTH } from '../../src/selector/grammar.ts';
import { MAX_KEY_BYTES } from '../../src/selector/tokenize.ts';

/** How a row begins, and its limit. */
const LIMITS: readonly (readonly [row: string, limit: number])[] = [
  ['one object', MAX_OBJECT_BYTES],
  ['rules of one policy or profile', MAX_RULES],
  ['rules of all policies', MAX_STAGE_RULES],
  ['members of one set', MAX_SET_MEMBERS],
  ['ports, ranges and names', MAX_PORTS],
  ['characters of one selector', MAX_LENGTH],
  ['parentheses of a selector', MAX_DEPTH],
  ['key of a label', MAX_KEY_BYTES],
  ['name of an object', MAX_NAME],
  ['the saved objects', LARGEST_SNAPSHOT_BYTES],
  ['the rules to go back to', LARGEST_RULES_BYTES],
  ['other files of the state directory', LARGEST_STATE_BYTES],
  ['a request of the local API', BODY_LIMIT],
  ['connections to the local API', MOST_CONNECTIONS],
];

describe('the page of limits', () => {
  const rows = readFileSync('docs/limits.md', 'utf8').split('\n');

  for (const [row, limit] of LIMITS) {
    it(`says what the code does: ${row}`, () => {
      const found = rows.find((line) => line.startsWith(`| ${row}`));
      assert.match(found ?? '', new RegExp(`^\\|[^|]*\\| ${limit}\\b`));
    });
  }
});
