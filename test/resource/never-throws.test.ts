import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'yaml';
import { admitManifest } from '../../src/resource/admit.ts';
import { decodeUpdate } from '../../src/resource/decode.ts';
import { isKind, keyOf, KINDS } from '../../src/resource/identify.ts';
import type { Kind } from '../../src/resource/resource.ts';
import { APPLIED_MANIFESTS } from './applied-manifests.ts';
import { ODD_SAMPLES } from './odd-samples.ts';
import { STORED_SAMPLES } from './stored-samples.ts';

const kinds = fc.constantFrom(...Object.keys(KINDS).filter(isKind));
const text = new TextEncoder();

function storedKey(kind: Kind): string {
  return keyOf({ kind, namespace: 'shop', name: 'x' });
}

// Values that are wrong, odd or extreme somewhere.
const oddValue = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    null,
    '',
    0,
    -1,
    1.5,
    65536,
    'all()',
    'has(',
    "a'b",
    '10.0.0.0/8',
    '::/0',
    '90:80',
    [],
    {},
    [null],
    [[]],
  ),
);

/** The document with one randomly chosen spot replaced, removed or renamed. */
function mutate(document: unknown, picks: readonly number[], replacement: unknown): unknown {
  const [pick, ...rest] = picks;
  if (pick === undefined || typeof document !== 'object' || document === null) return replacement;
  if (Array.isArray(document)) {
    const items: unknown[] = document;
    return items.map((item, index) =>
      index === pick % items.length ? mutate(item, rest, replacement) : item,
    );
  }
  const entries = Object.entries(document);
  return Object.fromEntries(
    entries.map(([key, value]): [string, unknown] => {
      if (key !== entries[pick % entries.length]?.[0]) return [key, value];
      return pick % 11 === 0 ? [key.toUpperCase(), value] : [key, mutate(value, rest, replacement)];
    }),
  );
}

const picks = fc.array(fc.nat(1000), { minLength: 1, maxLength: 7 });
const samples = [...STORED_SAMPLES, ...ODD_SAMPLES].filter(({ outcome }) => outcome === 'present');

// What calicoctl stores although no host can honour it.
const HONOURED_BY_NOBODY = new Set([
  'http-unsupported',
  'services-unsupported',
  'service-account-invalid',
]);

/** Decodes what admitting gave and returns the codes of the errors. */
function errorsAfterAdmission(document: unknown): readonly string[] | null {
  const { key, value } = admitManifest(document);
  if (key === null || value === null) return null;
  const update = decodeUpdate({ key, value: text.encode(value), revision: 1 });
  const errors = update?.problems.filter(({ severity }) => severity === 'error') ?? [];
  return errors.map(({ code }) => code).filter((code) => !HONOURED_BY_NOBODY.has(code));
}

describe('decodeUpdate', () => {
  it('never throws on random bytes', () => {
    fc.assert(
      fc.property(kinds, fc.uint8Array({ maxLength: 200 }), (kind, value) => {
        assert.equal(
          decodeUpdate({ key: storedKey(kind), value, revision: 1 })?.resource ?? null,
          null,
        );
      }),
    );
  });

  it('never throws on random JSON', () => {
    fc.assert(
      fc.property(kinds, fc.json(), (kind, json) => {
        const update = decodeUpdate({
          key: storedKey(kind),
          value: text.encode(json),
          revision: 1,
        });
        assert.equal(update?.resource ?? null, null);
        assert.ok((update?.problems.length ?? 0) > 0);
      }),
    );
  });

  it('never throws on deep nesting', () => {
    const depth = 200_000;
    const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const inField = (field: string): string =>
      `{"kind":"FelixConfiguration","apiVersion":"projectcalico.org/v3","metadata":{"name":"x"},"spec":{"${field}":${nested},"x":1.5}}`;
    for (const json of [nested, inField('bpfConntrackTimeouts'), inField('logPrefix')]) {
      const update = decodeUpdate({
        key: storedKey('FelixConfiguration'),
        value: text.encode(json),
        revision: 1,
      });
      assert.equal(update?.id.kind, 'FelixConfiguration');
    }
  });

  it('never throws on random keys', () => {
    fc.assert(
      fc.property(fc.string(), fc.boolean(), (name, isPrefixed) => {
        const key = isPrefixed ? `/calico/resources/v3/projectcalico.org/tiers/${name}` : name;
        const update = decodeUpdate({ key, value: null, revision: 1 });
        assert.equal(update?.resource ?? null, null);
      }),
    );
  });

  it('never throws on objects with one spot changed, and names a reason for every absence', () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), picks, oddValue, (sample, path, odd) => {
        const value = text.encode(JSON.stringify(mutate(JSON.parse(sample.value), path, odd)));
        const update = decodeUpdate({ key: sample.key, value, revision: 1 });
        assert.ok(update);
        const hasReason = update.problems.some(({ severity }) => severity === 'error');
        // Pods without an address are no news.
        const isPod = update.id.kind === 'WorkloadEndpoint';
        assert.ok(update.resource !== null || hasReason || isPod);
      }),
      { numRuns: 2000 },
    );
  });

  it('does not depend on the order of fields', () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), (sample) => {
        const reversed = (_key: string, value: unknown): unknown =>
          typeof value === 'object' && value !== null && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).reverse())
            : value;
        const value = JSON.stringify(JSON.parse(sample.value, reversed));
        const read = (stored: string): unknown =>
          decodeUpdate({ key: sample.key, value: text.encode(stored), revision: 1 })?.resource;
        assert.deepEqual(read(value), read(sample.value));
      }),
    );
  });
});

describe('admitManifest', () => {
  const manifests = [
    ...APPLIED_MANIFESTS.map(({ manifest }): unknown => parse(manifest)),
    ...samples.map(({ value }): unknown => JSON.parse(value)),
  ];

  it('never throws on anything', () => {
    fc.assert(
      fc.property(fc.anything(), (document) => {
        assert.equal(admitManifest(document).value, null);
      }),
    );
  });

  it('never throws on a manifest with anything in it', () => {
    fc.assert(
      fc.property(kinds, fc.anything(), fc.anything(), (kind, metadata, spec) => {
        const apiVersion = 'projectcalico.org/v3';
        const named = { apiVersion, kind, metadata: { name: 'x' }, spec };
        for (const document of [{ apiVersion, kind, metadata, spec }, named]) {
          const { value, problems } = admitManifest(document);
          const hasError = problems.some(({ severity }) => severity === 'error');
          assert.equal(value === null, hasError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives nothing that decodes with an error', () => {
    let admitted = 0;
    fc.assert(
      fc.property(fc.constantFrom(...manifests), picks, oddValue, (document, path, odd) => {
        const errors = errorsAfterAdmission(mutate(document, path, odd));
        if (errors !== null) admitted += 1;
        assert.deepEqual(errors ?? [], []);
      }),
      { numRuns: 3000 },
    );
    assert.ok(admitted > 100);
  });

  it('is content with what it stored', () => {
    fc.assert(
      fc.property(fc.constantFrom(...manifests), (document) => {
        const first = admitManifest(document);
        fc.pre(first.value !== null);
        const again = admitManifest(JSON.parse(first.value));
        assert.equal(again.value, first.value);
      }),
    );
  });
});
