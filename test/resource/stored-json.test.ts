import assert from 'node:assert/strict';
import fc from 'fast-check';
import { floatLiteral, parseStored } from '../../src/resource/stored-json.ts';

function parse(text: string): unknown {
  const result = parseStored(new TextEncoder().encode(text), 'keep-fractions');
  return result.ok ? result.value : result.error;
}

describe('parseStored', () => {
  it('reads any JSON without fractions as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        fc.pre(!/\d[.eE]/.test(text) && !text.includes('\\u'));
        assert.deepEqual(parse(text), JSON.parse(text));
      }),
    );
  });

  for (const text of ['80.0', '8e1', '8E+1', '80.5', '-1.50']) {
    it(`keeps the way ${text} was written`, () => {
      const [value] = parse(`[${text}, "10.0, 1e3"]`) as unknown[];
      assert.equal(floatLiteral(value), Number(text));
    });
  }

  it('leaves texts that look like fractions alone', () => {
    assert.deepEqual(parse('{"a":"x:1.5,","b":["\\",2.0]"],"c":8.0}'), {
      a: 'x:1.5,',
      b: ['",2.0]'],
      c: { '\u0000float': '8.0' },
    });
  });

  it('replaces invalid UTF-8 and lone surrogates', () => {
    const bytes = new Uint8Array([0x22, 0xff, 0x22]);
    assert.deepEqual(parseStored(bytes, 'keep-fractions'), { ok: true, value: '\ufffd' });
    assert.deepEqual(parse('["\\ud800", "\\uD83D\\uDE00", "x\\udc00"]'), [
      '\ufffd',
      '😀',
      'x\ufffd',
    ]);
  });

  it('names what is wrong', () => {
    assert.match(String(parse('{"a":')), /^the value is not JSON \(/);
    assert.equal(parse(''), 'the value is empty');
    assert.match(String(parse('\ufeff{}')), /not JSON/);
  });
});
