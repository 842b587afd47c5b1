import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { admitManifest } from '../../../src/resource/admit.ts';
import type { Problem } from '../../../src/base/problem.ts';
import { decodeValue, manifest } from '../objects.ts';
import { METADATA_CASES } from './metadata.ts';
import { OBJECT_CASES } from './objects.ts';
import { POLICY_CASES } from './policies.ts';
import { RULE_CASES } from './rules.ts';
import type { Stored, ValidationCase } from './validation-case.ts';

const CORPUS: readonly ValidationCase[] = [
  ...POLICY_CASES,
  ...RULE_CASES,
  ...OBJECT_CASES,
  ...METADATA_CASES,
];

function errorsOf(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(({ severity }) => severity === 'error');
}

/** What the agent makes of the object when it is stored without anybody checking it. */
function storedAs({ kind, spec, metadata }: ValidationCase): Stored {
  const { name } = metadata;
  const key = typeof name === 'string' && name !== '' ? name : 'x';
  const { resource, problems } = decodeValue(kind, manifest(kind, spec, metadata), key);
  if (resource === null) return 'absent';
  return errorsOf(problems).length === 0 ? 'whole' : 'in part';
}

function titleOf({ kind, spec, metadata, field }: ValidationCase): string {
  const content = field.startsWith('metadata.') ? metadata : spec;
  return `${kind} ${field} of ${JSON.stringify(content).slice(0, 90)}`;
}

describe('the validation corpus', () => {
  it('has cases of both outcomes in good number', () => {
    assert.ok(CORPUS.filter(({ says }) => says === null).length >= 50);
    assert.ok(CORPUS.filter(({ says }) => says !== null).length >= 100);
  });

  for (const one of CORPUS) {
    it(`${one.says === null ? 'accepts' : 'refuses'} ${titleOf(one)}`, () => {
      const { value, problems } = admitManifest(manifest(one.kind, one.spec, one.metadata));
      const errors = errorsOf(problems);
      assert.deepEqual(
        errors.map(({ field }) => field),
        one.says === null ? [] : [one.field],
      );
      assert.equal(value === null, one.says !== null);
      const message = errors[0]?.message ?? '';
      assert.ok(message.includes(one.says ?? ''), message);
      assert.ok(message === '' || /[.?]$/.test(message), message);
    });

    it(`takes ${titleOf(one)} from etcd: ${one.stored}`, () => {
      assert.equal(storedAs(one), one.stored);
    });
  }
});
