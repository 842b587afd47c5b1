import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  felixInteger,
  parseFelixBoolean,
  parseFelixSeconds,
  parseMarkMask,
  parseRate,
} from '../../src/config/felix-value.ts';
import type { FelixParser } from '../../src/config/felix-value.ts';

function value<T>(parse: FelixParser<T>, text: string): T | 'refused' {
  const result = parse(text);
  return result.ok ? result.value : 'refused';
}

function table<T>(
  parse: FelixParser<T>,
  cases: readonly (readonly [string, T | 'refused'])[],
): void {
  for (const [text, expected] of cases) {
    it(`reads ${JSON.stringify(text)} as ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(value(parse, text), expected);
    });
  }
}

describe('parseFelixBoolean', () => {
  table(parseFelixBoolean, [
    ['TRUE', true],
    ['y', true],
    ['t', true],
    ['1', true],
    ['No', false],
    ['f', false],
    ['0', false],
    ['none', false],
    ['on', 'refused'],
    ['', 'refused'],
  ]);
});

describe('felixInteger', () => {
  table(felixInteger(0, 9999), [
    ['0', 0],
    ['9999', 9999],
    ['10000', 'refused'],
    ['-1', 'refused'],
    ['+5', 5],
    ['0x10', 16],
    ['0X1f', 31],
    ['010', 8],
    ['0o17', 15],
    ['0b101', 5],
    ['1_000', 1000],
    ['0x_ff', 255],
    ['1__0', 'refused'],
    ['_1', 'refused'],
    ['09', 'refused'],
    ['1.0', 'refused'],
    ['1e3', 'refused'],
    [' 1', 'refused'],
    ['none', 0],
  ]);

  it('refuses none where zero is out of range', () => {
    assert.equal(value(felixInteger(1, 9), 'none'), 'refused');
  });
});

describe('parseFelixSeconds', () => {
  table(parseFelixSeconds, [
    ['1', 1000],
    ['0.5', 500],
    ['.5', 500],
    ['1e1', 10_000],
    ['86400', 86_400_000],
    ['86401', 'refused'],
    ['none', 0],
    ['-1', 'refused'],
    ['1s', 'refused'],
    ['Infinity', 'refused'],
    ['NaN', 'refused'],
    ['', 'refused'],
  ]);
});

describe('parseMarkMask', () => {
  table(parseMarkMask, [
    ['0xffff0000', 0xffff0000],
    ['0xFFFFFFFF', 0xffffffff],
    ['3', 3],
    ['0x1', 'refused'],
    ['0', 'refused'],
    ['0x100000003', 'refused'],
    ['-3', 'refused'],
    ['none', 'refused'],
    ['ffff', 'refused'],
  ]);

  it('accepts exactly the 32-bit numbers with two bits or more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (mask) => {
        let bits = 0;
        for (let rest = mask; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
        const expected = bits >= 2 ? mask : 'refused';
        assert.equal(value(parseMarkMask, `0x${mask.toString(16)}`), expected);
      }),
    );
  });
});

describe('parseRate', () => {
  table(parseRate, [
    ['1/second', { rate: 1, per: 'second' }],
    ['9999/day', { rate: 9999, per: 'day' }],
    ['30/minute', { rate: 30, per: 'minute' }],
    ['5/hour', { rate: 5, per: 'hour' }],
    ['none', null],
    ['0/second', 'refused'],
    ['10000/second', 'refused'],
    ['5/week', 'refused'],
    ['5', 'refused'],
    ['5 / second', 'refused'],
  ]);
});
