import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatPortRange, mergePorts, portIn } from '../../src/net/port.ts';
import type { PortRange } from '../../src/net/port.ts';

const range: fc.Arbitrary<PortRange> = fc
  .tuple(fc.nat(40), fc.nat(6))
  .map(([from, more]) => ({ from, to: from + more }));
const ranges = fc.array(range, { maxLength: 10, size: 'max' });

function written(list: readonly PortRange[]): string {
  return list.map(formatPortRange).join(' ');
}

function read(text: string): PortRange[] {
  return text
    .split(' ')
    .filter((part) => part !== '')
    .map((part) => {
      const [from = '', to = from] = part.split(':');
      return { from: Number(from), to: Number(to) };
    });
}

describe('mergePorts', () => {
  const LISTS: readonly (readonly [given: string, merged: string])[] = [
    ['', ''],
    ['443 80', '80 443'],
    ['80 80', '80'],
    ['80 81', '80:81'],
    ['1:10 5:20', '1:20'],
    ['1:100 5:20', '1:100'],
    ['1:10 11:20 22', '1:20 22'],
    ['0:65535 80', '0:65535'],
  ];
  for (const [given, merged] of LISTS) {
    it(`turns [${given}] into [${merged}]`, () => {
      assert.equal(written(mergePorts(read(given))), merged);
    });
  }

  it('keeps every port and adds none', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        const merged = mergePorts(list);
        for (let port = 0; port < 50; port++) {
          const isMeant = list.some(({ from, to }) => from <= port && port <= to);
          assert.equal(portIn(merged, port), isMeant, `port ${port}`);
        }
      }),
    );
  });

  it('leaves gaps of at least one port, in ascending order', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        let end = -2;
        for (const { from, to } of mergePorts(list)) {
          assert.ok(from > end + 1 && to >= from);
          end = to;
        }
      }),
    );
  });

  it('leaves its input alone', () => {
    const given = [
      { from: 9, to: 9 },
      { from: 8, to: 8 },
    ];
    mergePorts(given);
    assert.equal(written(given), '9 8');
  });
});

describe('portIn', () => {
  it('includes both ends', () => {
    const list = [{ from: 80, to: 82 }];
    assert.deepEqual(
      [79, 80, 82, 83].map((port) => portIn(list, port)),
      [false, true, true, false],
    );
  });
});

describe('formatPortRange', () => {
  it('writes one port as a number and more as Calico does', () => {
    assert.equal(formatPortRange({ from: 22, to: 22 }), '22');
    assert.equal(formatPortRange({ from: 8000, to: 8080 }), '8000:8080');
  });
});
