import assert from 'node:assert/strict';
import { nextUses } from '../../src/agent/rule-uses.ts';

const read = (packets: number): readonly { name: string; packets: number; bytes: number }[] => [
  { name: 'a', packets, bytes: 0 },
];
const at = (now: number): { wanted: ReadonlySet<string>; now: number } => ({
  wanted: new Set(['a']),
  now,
});

describe('nextUses', () => {
  it('knows when a counter last grew, also when the kernel began anew', () => {
    let uses = nextUses(new Map(), read(0), at(1));
    assert.deepEqual(uses.get('a'), { firstSeen: 1, lastHit: null, packets: 0 });
    uses = nextUses(uses, read(5), at(2));
    uses = nextUses(uses, read(5), at(3));
    assert.deepEqual(uses.get('a'), { firstSeen: 1, lastHit: 2, packets: 5 });
    uses = nextUses(uses, read(0), at(4));
    assert.deepEqual(uses.get('a'), { firstSeen: 1, lastHit: 2, packets: 0 });
    uses = nextUses(uses, read(3), at(5));
    assert.deepEqual(uses.get('a'), { firstSeen: 1, lastHit: 5, packets: 3 });
  });

  it('keeps what the kernel does not have for the moment, and forgets what is not in force', () => {
    const uses = nextUses(new Map(), read(5), at(1));
    assert.equal(nextUses(uses, [], at(2)).get('a')?.lastHit, 1);
    assert.equal(nextUses(uses, read(6), { wanted: new Set(), now: 2 }).size, 0);
  });
});
