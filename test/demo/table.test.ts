import assert from 'node:assert/strict';
import { DECIDER } from '../../demo/decider.ts';
import { type Paper, wrap } from '../../demo/paper.ts';
import { allowed, type Row } from '../../demo/row.ts';
import { STORY } from '../../demo/story.ts';
import { isSurprise, printTable } from '../../demo/table.ts';

/** The lines of a table as `width` columns show them. */
function printed(width: number, ...findings: Parameters<typeof printTable>[1]): readonly string[] {
  const lines: string[] = [];
  const line = (text = ''): number => lines.push(text);
  const paper: Paper = { width, line, paint: (_look, text) => text };
  printTable(paper, findings);
  return lines;
}

const rows: readonly Row[] = STORY.flatMap(({ steps }) =>
  steps.flatMap((step) => (step.kind === 'table' ? step.rows : [])),
);
const row = allowed(['app-1', 'db-1'], { kind: 'tcp', port: 1, family: 6 }, DECIDER.failsafe);

describe('isSurprise', () => {
  it('is one when the verdict or the decider differs', () => {
    assert.equal(isSurprise({ row, outcome: 'allowed', by: DECIDER.failsafe }), false);
    assert.equal(isSurprise({ row, outcome: 'denied', by: DECIDER.failsafe }), true);
    assert.equal(isSurprise({ row, outcome: 'refused', by: DECIDER.failsafe }), true);
    assert.equal(isSurprise({ row, outcome: 'allowed', by: DECIDER.unknown }), true);
  });
});

describe('printTable', () => {
  for (const width of [80, 100])
    it(`fits the story's rows into ${width} columns`, () => {
      const lines = printed(width, ...rows.map((r) => ({ row: r, outcome: r.expected, by: r.by })));
      assert.ok(lines.length >= rows.length + 3);
      assert.deepEqual(
        lines.filter((line) => line.length > width),
        [],
      );
    });

  it('takes one line a row where there is room', () => {
    const lines = printed(100, ...rows.map((r) => ({ row: r, outcome: r.expected, by: r.by })));
    assert.equal(lines.length, rows.length + 3);
  });

  it('says what was expected instead of a surprise', () => {
    const text = printed(100, { row, outcome: 'denied', by: 'web ingress[0]' }).join(' ');
    assert.match(
      text,
      /1\/tcp v6 +allowed +denied +web ingress\[0\] \(SURPRISE: expected failsafe/,
    );
  });
});

describe('wrap', () => {
  it('breaks at spaces and leaves long words whole', () => {
    assert.deepEqual(wrap('a bc def', 4), ['a bc', 'def']);
    assert.deepEqual(wrap('abcdef g', 4), ['abcdef', 'g']);
  });
});
