import assert from 'node:assert/strict';
import { ChangedObjects } from '../../src/agent/changed-objects.ts';

function names(count: number, start = 0): readonly string[] {
  return Array.from({ length: count }, (_, i) => `Tier t${start + i}`);
}

describe('ChangedObjects', () => {
  it('names what a turn took in, each once', () => {
    const changed = new ChangedObjects();
    for (const name of ['Tier a', 'Tier b', 'Tier a']) changed.add(name);
    changed.take();
    assert.deepEqual(changed.settle(), ['Tier a', 'Tier b']);
  });

  it('names ten and counts the rest', () => {
    const changed = new ChangedObjects();
    for (const name of names(100_000)) changed.add(name);
    changed.take();
    assert.deepEqual(changed.settle(), [...names(10), '+99990 more']);
  });

  it('leaves to the next turn what arrives while one is under way', () => {
    const changed = new ChangedObjects();
    changed.add('Tier a');
    changed.take();
    changed.add('Tier b');
    assert.deepEqual(changed.settle(), ['Tier a']);
    changed.take();
    assert.deepEqual(changed.settle(), ['Tier b']);
  });

  it('names once more what a failed turn took in', () => {
    const changed = new ChangedObjects();
    for (const name of names(9)) changed.add(name);
    changed.take();
    for (const name of names(12, 5)) changed.add(name);
    changed.take();
    assert.deepEqual(changed.settle(), [...names(10), '+7 more']);
    assert.deepEqual(changed.settle(), []);
  });
});
