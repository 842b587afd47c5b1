import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RawUpdate } from '../../src/base/raw-update.ts';
import { decodeUpdate } from '../../src/resource/decode.ts';
import { keyOf } from '../../src/resource/identify.ts';
import { MAX_OBJECT_BYTES } from '../../src/resource/limits.ts';
import type { NetworkSet } from '../../src/resource/resource.ts';
import { UpdateDecoder } from '../../src/resource/update-decoder.ts';

const id = { kind: 'NetworkSet', namespace: 'shop', name: 'blocked' } as const;
const key = keyOf(id);
const NETS = Array.from({ length: 1500 }, (_, i) => `10.${i >> 8}.${i & 255}.0/${24 + (i % 9)}`);

function stored(nets: readonly string[], around: object = {}): string {
  const { kind, ...metadata } = id;
  return JSON.stringify({
    kind,
    apiVersion: 'projectcalico.org/v3',
    metadata: { ...metadata, labels: { big: 'yes' }, ...around },
    spec: { nets },
  });
}

function update(text: string): RawUpdate {
  return { key, value: Buffer.from(text), revision: 1 };
}

function labelsOf(decoder: UpdateDecoder, text: string): object | undefined {
  const { edit: edited, ...decoded } = decoder.decode(update(text)) ?? assert.fail();
  const set = decoded.resource as NetworkSet | null;
  const resource = set === null ? null : { ...set, nets: [...set.nets] };
  assert.equal(set?.nets.length, resource?.nets.length);
  assert.deepEqual({ ...decoded, resource }, decodeUpdate(update(text)));
  if (edited !== undefined) {
    assert.equal(edited.before, netsBefore.get(decoder));
    const { before, removed, added } = edited;
    assert.deepEqual([...(set?.nets ?? []), ...removed].sort(), [...before, ...added].sort());
  }
  netsBefore.set(decoder, set?.nets);
  return set?.labels;
}

const netsBefore = new WeakMap<UpdateDecoder, NetworkSet['nets'] | undefined>();

const net = fc.oneof(
  fc.constantFrom(...NETS.slice(0, 5)),
  fc.ipV4().map((address) => `${address}/32`),
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom(
    '10.0.0.1/8',
    '',
    '10.0.0.0/33',
    '2001:DB8::/32',
    ' 10.0.0.0/8',
    '::ffff:1.2.3.4',
  ),
);

/** One edit: of the items of the list, or of any bytes. */
const edit = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      at: fc.nat(1600),
      gone: fc.nat(3),
      nets: fc.array(net, { maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      place: fc.oneof(fc.nat(30_000), fc.nat(250)),
      fromEnd: fc.boolean(),
      gone: fc.nat(20),
      text: fc.oneof(
        fc.constantFrom(
          '',
          ',',
          '"',
          '"1.2.3.4"',
          ',"1.2.3.4"',
          '"1.2.3.4",',
          ']',
          '[',
          '\\',
          ' ',
          ',,',
          '],"nets":[',
        ),
        fc.string({ maxLength: 5 }),
      ),
    }),
  },
);

type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function apply(text: string, change: Edit): string {
  if ('nets' in change) {
    const nets = netsOf(text);
    if (nets === null) return text;
    nets.splice(change.at, change.gone, ...change.nets);
    return stored(nets);
  }
  const place = change.fromEnd ? Math.max(0, text.length - change.place) : change.place;
  return text.slice(0, place) + change.text + text.slice(place + change.gone);
}

// Null for what earlier edits of bytes left without one.
function netsOf(text: string): string[] | null {
  try {
    const { spec } = JSON.parse(text) as { readonly spec?: { readonly nets?: unknown } };
    return Array.isArray(spec?.nets) ? [...(spec.nets as string[])] : null;
  } catch {
    return null;
  }
}

describe('UpdateDecoder', () => {
  it('answers what a reading of all bytes answers, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(edit, fc.boolean()), { maxLength: 6 }), (edits) => {
        const decoder = new UpdateDecoder();
        let text = stored(NETS);
        labelsOf(decoder, text);
        for (const [change, isKept] of edits) {
          const changed = apply(text, change);
          labelsOf(decoder, changed);
          labelsOf(new UpdateDecoder(), changed);
          if (isKept) text = changed;
        }
      }),
      { numRuns: Number(process.env['AGREEMENT_RUNS'] ?? 300) },
    );
  });

  it('reads only what changed of a large set', () => {
    const edits: readonly ((nets: readonly string[]) => readonly string[])[] = [
      (nets) => [...nets, '192.0.2.1'],
      (nets) => ['192.0.2.0/24', ...nets],
      (nets) => nets.slice(1),
      (nets) => nets.slice(0, -1),
      (nets) => [...nets.slice(0, 500), '2001:db8::/32', ...nets.slice(501)],
      (nets) => [...nets.slice(0, 500), ...nets.slice(502)],
      (nets) => nets,
      () => [],
      () => NETS.slice(3),
    ];
    const decoder = new UpdateDecoder();
    let nets: readonly string[] = NETS;
    const labels = labelsOf(decoder, stored(nets));
    for (const change of edits) {
      nets = change(nets);
      // The object that was read before: nothing around the list was read again.
      assert.equal(labelsOf(decoder, stored(nets)), labels);
    }
  });

  it('reads everything where anything else changed, or is not plain', () => {
    const decoder = new UpdateDecoder();
    const labels = labelsOf(decoder, stored(NETS));
    const relabelled = labelsOf(decoder, stored(NETS, { labels: { big: 'no' } }));
    assert.notEqual(relabelled, labels);
    const spaced = stored(NETS).replace(',"10.0.1.0/25"', ', "10.0.1.0/25"');
    assert.notEqual(spaced, stored(NETS));
    assert.notEqual(labelsOf(decoder, spaced), relabelled);
  });

  it('is not taken in by lists of the same name elsewhere', () => {
    const decoys = [
      stored(NETS).replace('"spec":{', `"status":{"nets":${JSON.stringify(NETS)}},"spec":{`),
      stored(NETS).replace('"nets":', `"nets":${JSON.stringify(NETS)},"NETS":`),
      stored(NETS).replace('"spec":{', `"spec":{"nets":${JSON.stringify(NETS)}},"spec":{`),
      stored(NETS, { annotations: { a: `{"nets":${JSON.stringify(NETS)}}` } }),
      stored(NETS, { uid: 'x"nets":[' }),
      stored([], { annotations: { a: NETS.join() } }).replace(
        '"spec":',
        '"status":{"nets":[]},"spec":',
      ),
    ];
    for (const decoy of decoys) {
      const decoder = new UpdateDecoder();
      labelsOf(decoder, decoy);
      labelsOf(decoder, decoy.replace('10.0.3.0/27', '192.0.2.0/27'));
      labelsOf(decoder, decoy.replace('[]', '["192.0.2.1"]'));
      const last = decoy.lastIndexOf('10.0.3.0/27');
      labelsOf(decoder, `${decoy.slice(0, last)}172.16.0.0/12${decoy.slice(last + 11)}`);
    }
  });

  it('ignores a set that has grown beyond what is read', () => {
    const padded = stored(NETS).replace(
      '"spec":',
      `"status":"${'x'.repeat(MAX_OBJECT_BYTES)}","spec":`,
    );
    const most = padded.replace('x'.repeat(padded.length - MAX_OBJECT_BYTES), '');
    assert.equal(most.length, MAX_OBJECT_BYTES);
    const decoder = new UpdateDecoder();
    const labels = labelsOf(decoder, most);
    assert.equal(labelsOf(decoder, most.replace('10.0.3.0', '10.9.3.0')), labels);
    assert.equal(labelsOf(decoder, most.replace('"nets":[', '"nets":["192.0.2.1",')), undefined);
  });

  it('forgets a set that is gone', () => {
    const decoder = new UpdateDecoder();
    const labels = labelsOf(decoder, stored(NETS));
    assert.deepEqual(decoder.decode({ key, value: null, revision: 2 }), {
      id,
      resource: null,
      problems: [],
    });
    assert.notEqual(labelsOf(decoder, stored(NETS)), labels);
  });
});
