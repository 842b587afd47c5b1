import assert from 'node:assert/strict';
import fc from 'fast-check';
import { admitManifest } from '../../src/resource/admit.ts';
import { decodeUpdate } from '../../src/resource/decode.ts';
import { isKind, keyOf, KINDS } from '../../src/resource/identify.ts';
import { parseManifest } from '../../src/source/manifest-file.ts';
import { ODD_SAMPLES } from '../resource/odd-samples.ts';
import { STORED_SAMPLES } from '../resource/stored-samples.ts';
import { fuzz, hostileText, inTime, mutate, oddValue, picks } from './cases.ts';

const text = new TextEncoder();
const kinds = fc.constantFrom(...Object.keys(KINDS).filter(isKind));
const samples = fc.constantFrom(...[...STORED_SAMPLES, ...ODD_SAMPLES].map(({ value }) => value));
const key = fc
  .tuple(kinds, hostileText, hostileText)
  .map(([kind, namespace, name]) => keyOf({ kind, namespace, name }));
const spots = fc.array(fc.tuple(picks, oddValue), { minLength: 1, maxLength: 4 });

describe('decoders, with anything at all', function () {
  this.timeout(0);

  it('takes every document that is nearly right', () => {
    fuzz(
      'objects that are nearly right',
      fc.property(kinds, samples, spots, (kind, sample, changes) => {
        const document = changes.reduce<unknown>(
          (changed, [way, replacement]) => mutate(changed, way, replacement),
          parsed(sample),
        );
        const stored = { key: keyOf({ kind, namespace: 'shop', name: 'x' }), revision: 1 };
        inTime(() => decodeUpdate({ ...stored, value: text.encode(JSON.stringify(document)) }));
        inTime(() => admitManifest(document));
      }),
    );
  });

  it('takes every key and every bytes', () => {
    fuzz(
      'keys and bytes',
      fc.property(
        fc.oneof(key, hostileText),
        fc.oneof(fc.uint8Array({ maxLength: 300 }), cutSample()),
        (any, value) => {
          const update = inTime(() => decodeUpdate({ key: any, value, revision: 1 }));
          if (update?.resource === null) assert.ok(update.problems.length > 0);
        },
      ),
    );
  });

  it('takes every manifest file', () => {
    const lines = fc.array(
      fc.oneof(hostileText, samples, fc.constantFrom('---', 'a: &x [*x]', '- {')),
    );
    fuzz(
      'manifest files',
      fc.property(fc.constantFrom('a.yaml', 'a.json'), lines, (name, some) => {
        const { documents } = inTime(() => parseManifest(name, some.join('\n')));
        for (const { value } of documents) inTime(() => admitManifest(value));
      }),
    );
  });

  it('does not take long over documents that are deep, long or wide', () => {
    const depth = 20_000;
    for (const value of [
      `${'['.repeat(depth)}${']'.repeat(depth)}`,
      `{"spec":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`,
      JSON.stringify({ spec: { nets: Array.from({ length: 50_000 }, () => 'x') } }),
      JSON.stringify({ spec: { selector: '!'.repeat(500_000) } }),
      JSON.stringify({ spec: { selector: '('.repeat(500_000) } }),
      JSON.stringify({ spec: { selector: 'a == "b" && '.repeat(40_000) } }),
      JSON.stringify({ metadata: { labels: { a: 'x'.repeat(1_000_000) } } }),
    ]) {
      for (const kind of Object.keys(KINDS).filter(isKind)) {
        const stored = keyOf({ kind, namespace: 'shop', name: 'x' });
        inTime(() => decodeUpdate({ key: stored, value: text.encode(value), revision: 1 }));
      }
    }
  });
});

function cutSample(): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(samples, fc.nat(2000), fc.nat(255), fc.nat(3000))
    .map(([sample, at, byte, length]) => {
      const bytes = text.encode(sample);
      bytes[at % bytes.length] = byte;
      return bytes.subarray(0, length);
    });
}

function parsed(sample: string): unknown {
  try {
    return JSON.parse(sample);
  } catch {
    return {};
  }
}
