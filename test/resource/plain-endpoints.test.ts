import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeUpdate } from '../../src/resource/decode.ts';
import { keyOf } from '../../src/resource/identify.ts';
import { PlainEndpoints } from '../../src/resource/plain-endpoints.ts';
import type { WorkloadEndpoint } from '../../src/resource/resource.ts';
import { UpdateDecoder } from '../../src/resource/update-decoder.ts';

const id = { kind: 'WorkloadEndpoint', namespace: 'shop', name: 'kw--1-k8s-app-eth0' } as const;
const key = keyOf(id);
const HTTP = { name: 'http', protocol: 'TCP', port: 8080, hostPort: 0, hostIP: '' };

/** An endpoint as Calico stores it. */
const PLAIN = {
  kind: id.kind,
  apiVersion: 'projectcalico.org/v3',
  metadata: {
    name: id.name,
    generateName: 'app-',
    namespace: id.namespace,
    uid: '00000000-0000-4000-8000-000000000000',
    creationTimestamp: '2026-08-03T10:15:00Z',
    labels: { app: 'app', 'projectcalico.org/namespace': id.namespace },
    annotations: { note: 'none' },
  },
  spec: {
    orchestrator: 'k8s',
    node: 'kw-1',
    containerID: 'c1',
    pod: 'app-1',
    endpoint: 'eth0',
    serviceAccountName: 'default',
    ipNetworks: ['10.65.0.1/32', '2001:db8::1/128'],
    profiles: ['kns.shop', 'ksa.shop.default'],
    interfaceName: 'cali00000000001',
    ports: [HTTP],
  },
};

type Fields = Readonly<Record<string, unknown>>;

const oddValue = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    ...[null, '', 0, 8080, [], {}, [null], { a: null }, { a: 1 }, 'shop', 'é', 'a"b', 'a\\b'],
    ...[{ 'pcns.a': 'b', c: 'd' }, { 'projectcalico.org/serviceaccount': 'default' }, { 1: 'x' }],
    ...[['10.0.0.1'], ['10.0.0.1/33'], ['010.0.0.1/32'], ['2001:DB8::1'], ['::ffff:1.2.3.4'], ['']],
    ...[[HTTP, HTTP], [{ ...HTTP, name: '' }], [{ ...HTTP, protocol: 6 }], [{ ...HTTP, port: 0 }]],
    ...[
      [{ ...HTTP, port: 80.5 }],
      [{ ...HTTP, NAME: 'x' }],
      [{ internalIP: 'a', externalIP: 'b' }],
    ],
  ),
);
const fieldName = fc.constantFrom(
  ...Object.keys(PLAIN.metadata),
  ...Object.keys(PLAIN.spec),
  ...['kind', 'apiVersion', 'status', 'ipNATs', 'mac', 'qosControls', 'allowSpoofedSourcePrefixes'],
  ...['resourceVersion', 'ownerReferences', 'finalizers', 'deletionTimestamp', 'Name', 'unknown'],
  '__proto__',
);

/** One field of one of the three objects set, taken out, or written last. */
const fieldEdit = fc.record({
  place: fc.constantFrom('object', 'metadata', 'spec'),
  name: fieldName,
  edit: fc.oneof(fc.record({ value: oddValue }), fc.constantFrom('take out', 'write last')),
});
type FieldEdit = typeof fieldEdit extends fc.Arbitrary<infer T> ? T : never;

/** Bytes taken out and others put in their place. */
const byteEdit = fc.record({
  place: fc.nat(1000),
  gone: fc.nat(12),
  bytes: fc.oneof(
    fc
      .constantFrom(
        ...['', ',', '"', '\\u00e9', '\\', ' ', '\n', '{', '}', '[', ']', 'null', '"a":"b",'],
        ...['"name":"x",', '"labels":{},', '"spec":{},', '1.0', '8e1', '\t', 'é', '\u0000'],
      )
      .map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
  ),
});
type ByteEdit = typeof byteEdit extends fc.Arbitrary<infer T> ? T : never;

function editField(object: Fields, { place, name, edit }: FieldEdit): Fields {
  const inner = place === 'object' ? object : (object[place] as Fields | undefined);
  const { [name]: stored, ...others } = typeof inner === 'object' ? inner : {};
  const edited: Fields = { ...others };
  const value = typeof edit === 'object' ? edit.value : stored;
  // A name that JSON may have, though no field of a literal.
  if (edit !== 'take out') {
    Object.defineProperty(edited, name, { value, enumerable: true, configurable: true });
  }
  return place === 'object' ? edited : { ...object, [place]: edited };
}

function editBytes(bytes: Buffer, { place, gone, bytes: put }: ByteEdit): Buffer {
  return Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + gone)]);
}

function stored(object: Fields): Buffer {
  return Buffer.from(JSON.stringify(object));
}

function agree(decoder: UpdateDecoder, value: Uint8Array): void {
  const raw = { key, value, revision: 1 };
  assert.deepEqual(decoder.decode(raw), decodeUpdate(raw), Buffer.from(value).toString());
}

describe('PlainEndpoints', () => {
  const numRuns = Number(process.env['AGREEMENT_RUNS'] ?? 5000);

  it('reads what an endpoint with any fields would be read as otherwise', () => {
    const decoder = new UpdateDecoder();
    fc.assert(
      fc.property(fc.array(fieldEdit, { maxLength: 4 }), (edits) => {
        agree(decoder, stored(edits.reduce<Fields>(editField, PLAIN)));
      }),
      { numRuns },
    );
  });

  it('reads what any bytes would be read as otherwise', () => {
    const decoder = new UpdateDecoder();
    fc.assert(
      fc.property(fc.array(byteEdit, { maxLength: 3 }), (edits) => {
        agree(decoder, edits.reduce(editBytes, stored(PLAIN)));
      }),
      { numRuns },
    );
  });

  it('reads fields in any order, and bytes within others', () => {
    const { metadata, spec } = PLAIN;
    const reversed = (fields: Fields): Fields =>
      Object.fromEntries(Object.entries(fields).reverse());
    const object = reversed({ ...PLAIN, metadata: reversed(metadata), spec: reversed(spec) });
    const bytes = Uint8Array.from(Buffer.concat([Buffer.from('{'), stored(object)]));
    assert.notEqual(new PlainEndpoints().read(bytes.subarray(1), id), null);
    agree(new UpdateDecoder(), bytes.subarray(1));
  });

  it('reads equal labels, profiles and ports once', () => {
    const reader = new PlainEndpoints();
    const read = (change: Fields): WorkloadEndpoint => {
      const { metadata, spec } = PLAIN;
      const labels = { ...metadata.labels, 'projectcalico.org/serviceaccount': 'default' };
      const object = { ...PLAIN, metadata: { ...metadata, labels }, spec: { ...spec, ...change } };
      const endpoint = reader.read(stored(object), id);
      assert.ok(endpoint !== null);
      return endpoint;
    };
    const first = read({});
    const second = read({ pod: 'app-2', ipNetworks: ['10.65.0.2/32'] });
    assert.equal(second.labels, first.labels);
    assert.equal(second.profiles, first.profiles);
    assert.equal(second.ports, first.ports);
    assert.deepEqual(second.addresses, ['10.65.0.2']);
    const third = read({ profiles: ['kns.other'] });
    assert.deepEqual(third.profiles, ['kns.other']);
    assert.equal(third.labels, first.labels);
  });

  it('knows apart what has the same hash', () => {
    const decoder = new UpdateDecoder();
    for (const app of ['Aa', 'BB']) {
      agree(decoder, stored({ ...PLAIN, metadata: { ...PLAIN.metadata, labels: { app } } }));
    }
  });

  it('leaves to others what is there twice, or followed by more', () => {
    const text = stored(PLAIN).toString();
    const twice = [
      text.replace('"name"', '"name":"kw--1-k8s-app-eth0","name"').replace('"endpoint"', '"mac"'),
      text.replace('"ipNetworks"', '"ipNetworks":["10.9.9.9"],"ipNetworks"'),
      text.replace('"spec"', `"metadata":${JSON.stringify(PLAIN.metadata)},"spec"`),
    ];
    for (const odd of [...twice, `${text} `, `${text}}`, `${text}{}`, ` ${text}`]) {
      assert.equal(new PlainEndpoints().read(Buffer.from(odd), id), null, odd);
      agree(new UpdateDecoder(), Buffer.from(odd));
    }
  });

  it('leaves to others what has a problem', () => {
    const { spec } = PLAIN;
    for (const change of [
      { ipNetworks: [] },
      { ipNetworks: ['10.0.0.256'] },
      { interfaceName: '' },
      { allowSpoofedSourcePrefixes: ['10.0.0.0/8'] },
      { ports: [{ ...HTTP, protocol: 17 }] },
    ]) {
      const value = stored({ ...PLAIN, spec: { ...spec, ...change } });
      assert.equal(new PlainEndpoints().read(value, id), null);
      agree(new UpdateDecoder(), value);
    }
  });
});
