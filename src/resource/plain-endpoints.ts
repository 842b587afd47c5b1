import { isIpv4 } from '../net/address.ts';
import { Findings } from './findings.ts';
import { API_VERSION } from './identify.ts';
import { KnownSpans } from './known-spans.ts';
import { metadataSchema } from './object-schema.ts';
import { PlainCursor } from './plain-cursor.ts';
import { passObject } from './plain-fields.ts';
import type { PassField } from './plain-fields.ts';
import type { Labels, ResourceId, WorkloadEndpoint } from './resource.ts';
import { conform, newConformance } from './schema.ts';
import type { FieldType, Infer } from './schema.ts';
import { parseStored } from './stored-json.ts';
import {
  hostAddress,
  ownLabels,
  readPorts,
  withServiceAccount,
  workloadEndpointKind,
} from './workload-endpoint.ts';

const LIST = 0x5b;
const END_OF_LIST = 0x5d;
const COMMA = 0x2c;
const KIND = Buffer.from('"WorkloadEndpoint"');
const VERSION = Buffer.from(`"${API_VERSION}"`);
const NULL = Buffer.from('null');
const FULL_IPV4 = Buffer.from('/32');

const { fields: METADATA } = metadataSchema;
const { fields: SPEC } = workloadEndpointKind.spec;

/** What was found of an endpoint so far. */
interface Draft {
  readonly id: ResourceId;
  /** How many of the fields without which it is ignored are there. */
  required: number;
  labels: Labels;
  serviceAccount: string;
  profiles: readonly string[];
  readonly addresses: string[];
  ports: WorkloadEndpoint['ports'];
}

const REQUIRED = ['kind', 'apiVersion', 'name', 'namespace', 'interfaceName'].length;
const NO_LABELS: Labels = {};
const NONE: readonly never[] = [];

/**
 * Reads endpoints of pods as they mostly are, straight from their bytes: equal labels, profiles and ports are read once
 * and are the same objects, and what has no meaning here is passed over. Anything else is left to `decodeUpdate`,
 * which answers the same, only slower.
 */
export class PlainEndpoints {
  readonly #cursor = new PlainCursor();
  readonly #labels = new KnownSpans<Labels>();
  readonly #profiles = new KnownSpans<readonly string[]>();
  readonly #ports = new KnownSpans<WorkloadEndpoint['ports']>();
  readonly #pass = passObject({
    kind: (cursor) => this.#isPresent(cursor.passBytes(KIND)),
    apiVersion: (cursor) => this.#isPresent(cursor.passBytes(VERSION)),
    metadata: passObject({ ...passersOf(METADATA), ...this.#metadata() }),
    spec: passObject({ ...passersOf(SPEC), ...this.#spec() }),
    status: passOpaque,
  });
  #draft = emptyDraft({ kind: 'WorkloadEndpoint', namespace: '', name: '' });

  /** The endpoint that these bytes hold, if there is no problem with it; null where they must be read otherwise. */
  read(bytes: Uint8Array, id: ResourceId): WorkloadEndpoint | null {
    const draft = emptyDraft(id);
    this.#draft = draft;
    this.#cursor.begin(bytes);
    if (!this.#pass(this.#cursor) || !this.#cursor.isAtEnd) return null;
    const { required, serviceAccount, profiles, addresses, ports } = draft;
    if (required < REQUIRED || addresses.length === 0) return null;
    const { namespace, name } = id;
    const labels = withServiceAccount(draft.labels, serviceAccount);
    return { kind: 'WorkloadEndpoint', namespace, name, labels, profiles, addresses, ports };
  }

  #metadata(): Readonly<Record<string, PassField>> {
    return {
      name: (cursor) => this.#isPresent(cursor.passText() && cursor.isText(this.#draft.id.name)),
      namespace: (cursor) =>
        this.#isPresent(cursor.passText() && cursor.isText(this.#draft.id.namespace)),
      labels: (cursor) => {
        const labels = cursor.passNested() ? this.#labels.meaning(cursor, readLabels) : null;
        this.#draft.labels = labels ?? NO_LABELS;
        return labels !== null;
      },
    };
  }

  #spec(): Readonly<Record<string, PassField>> {
    return {
      interfaceName: (cursor) => this.#isPresent(cursor.passText() && cursor.to > cursor.from),
      serviceAccountName: (cursor) => {
        if (!cursor.passText()) return false;
        this.#draft.serviceAccount = cursor.text();
        return true;
      },
      ipNetworks: (cursor) => passAddresses(cursor, this.#draft.addresses),
      profiles: (cursor) => {
        const profiles = cursor.passNested() ? this.#profiles.meaning(cursor, readProfiles) : null;
        this.#draft.profiles = profiles ?? NONE;
        return profiles !== null;
      },
      ports: (cursor) => {
        const ports = cursor.passNested() ? this.#ports.meaning(cursor, readPortList) : null;
        this.#draft.ports = ports ?? NONE;
        return ports !== null;
      },
      // Each of them is worth a warning.
      allowSpoofedSourcePrefixes: () => false,
    };
  }

  #isPresent(isPassed: boolean): boolean {
    if (isPassed) this.#draft.required += 1;
    return isPassed;
  }
}

function emptyDraft(id: ResourceId): Draft {
  return {
    id,
    required: 0,
    labels: NO_LABELS,
    serviceAccount: '',
    profiles: NONE,
    addresses: [],
    ports: NONE,
  };
}

/** How fields are passed over whose values have no meaning here. */
function passersOf(
  types: Readonly<Record<string, FieldType>>,
): Readonly<Record<string, PassField>> {
  const passers = Object.entries(types).map(([name, type]): [string, PassField] => {
    if (type.kind === 'string') return [name, (cursor) => cursor.passText()];
    if (type.kind === 'opaque') return [name, passOpaque];
    return [name, (cursor) => cursor.passNested() && conforming(cursor, type) !== null];
  });
  return Object.fromEntries(passers);
}

// Times are texts, or null.
function passOpaque(cursor: PlainCursor): boolean {
  return cursor.passText() || cursor.passBytes(NULL);
}

function passAddresses(cursor: PlainCursor, addresses: string[]): boolean {
  if (!cursor.passByte(LIST)) return false;
  do {
    const address = cursor.passText() ? addressAt(cursor) : null;
    if (address === null) return false;
    addresses.push(address);
  } while (cursor.passByte(COMMA));
  return cursor.passByte(END_OF_LIST);
}

function addressAt(cursor: PlainCursor): string | null {
  if (cursor.endsWith(FULL_IPV4)) {
    const address = cursor.text(FULL_IPV4.length);
    if (isIpv4(address)) return address;
  }
  return hostAddress(cursor.text());
}

/** The value passed over last, in its declared form; null where it is not of that type. */
function conforming<T extends FieldType>(cursor: PlainCursor, type: T): Infer<T> | null {
  const { bytes, from, to } = cursor;
  const value = parseStored(bytes.subarray(from, to), 'ignore-fractions');
  if (!value.ok) return null;
  const found = newConformance('ignore-unknown');
  const conformed = conform(type, value.value, found);
  return found.mismatches.length === 0 ? conformed : null;
}

function readLabels(cursor: PlainCursor): Labels | null {
  const labels = conforming(cursor, METADATA.labels);
  return labels === null ? null : ownLabels(labels);
}

function readProfiles(cursor: PlainCursor): readonly string[] | null {
  return conforming(cursor, SPEC.profiles);
}

function readPortList(cursor: PlainCursor): WorkloadEndpoint['ports'] | null {
  const stored = conforming(cursor, SPEC.ports);
  const findings = new Findings('');
  const ports = stored === null ? null : readPorts(stored, findings);
  return findings.problems.length === 0 ? ports : null;
}
