import assert from 'node:assert/strict';
import { type Change, changed, diffLines, type Edit, undone } from '../../demo/change.ts';
import { STORY } from '../../demo/story.ts';

const LABEL: Edit = {
  kind: 'edit',
  file: 'a.yaml',
  about: 'a',
  before: '  role: db\n',
  after: '  role: db\n  quarantine: "true"\n',
};

function excerpt(change: Change): readonly string[] {
  return diffLines(change).map(({ sign, text }) => `${sign}${text.trim()}`);
}

describe('changed', () => {
  it('edits a passage, and an edit taken back restores the text', () => {
    const text = 'labels:\n  role: db\nspec: {}\n';
    const edited = changed(text, LABEL);
    assert.equal(edited, 'labels:\n  role: db\n  quarantine: "true"\nspec: {}\n');
    assert.equal(changed(edited, undone(LABEL)), text);
  });

  it('refuses a passage that is missing or ambiguous', () => {
    assert.throws(() => changed('role: app\n', LABEL), /occurs 0 times/);
    assert.throws(() => changed(LABEL.before + LABEL.before, LABEL), /occurs 2 times/);
  });

  it('fits all changes of the story, in their order', () => {
    const files = new Map<string, string>();
    const changes = STORY.flatMap(({ steps }) =>
      steps.flatMap((step) => ('change' in step ? [step.change] : [])),
    );
    for (const change of changes)
      files.set(change.file, changed(files.get(change.file) ?? '', change));
    assert.match(
      files.get('30-quarantine.yaml') ?? '',
      /tier: security-operations\n {2}order: 200/,
    );
    assert.doesNotMatch(files.get('10-hosts.yaml') ?? '', /quarantine/);
  });
});

describe('diffLines', () => {
  it('shows a new manifest as new throughout', () => {
    assert.deepEqual(excerpt({ kind: 'add', file: 'b', about: 'b', text: 'x\ny\n' }), ['+x', '+y']);
  });

  it('keeps context in its place', () => {
    assert.deepEqual(excerpt(LABEL), [' role: db', '+quarantine: "true"']);
    assert.deepEqual(excerpt(undone(LABEL)), [' role: db', '-quarantine: "true"']);
    const between: Edit = { ...LABEL, before: 'a\nb\nc\n', after: 'a\nx\nc\n' };
    assert.deepEqual(excerpt(between), [' a', '-b', '+x', ' c']);
  });
});
