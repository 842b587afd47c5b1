import { decodeObject } from './decode-object.ts';
import { quoteText } from './describe-value.ts';
import { Findings } from './findings.ts';
import { KINDS } from './identify.ts';
import type { KindDefinition } from './kind-definition.ts';
import type { objectSchema, SpecFields, StoredMetadata, StoredObject } from './object-schema.ts';
import type { Kind, ResourceId } from './resource.ts';
import { conform, newConformance } from './schema.ts';
import type { FieldType, UnknownField } from './schema.ts';
import { serialise } from './serialise.ts';
import { suggestName } from './suggest-name.ts';
import { validateMetadata } from './validate-metadata.ts';

/** Who a manifest describes, and what is stored for it; null where that is not known. */
export interface Admitted {
  readonly id: ResourceId | null;
  readonly value: string | null;
}

interface Place {
  readonly kind: Kind;
  readonly findings: Findings;
}

type Schema<Fields extends SpecFields> = ReturnType<typeof objectSchema<Fields>>;

/** What calicoctl makes of a manifest: complete, checked and in the form that is stored. */
export function admitObject<Fields extends SpecFields>(
  definition: KindDefinition<Fields>,
  schema: Schema<Fields>,
  document: unknown,
  { kind, findings }: Place,
): Admitted {
  const found = newConformance('collect-unknown');
  const given = conform(schema, document, found);
  for (const { field, message } of found.mismatches) {
    findings.error('field-type', field, `This ${message}.`);
  }
  for (const unknown of found.unknown ?? []) reportUnknown(unknown, findings);
  if (found.mismatches.length > 0) return { id: null, value: null };
  const metadata = storedMetadata(kind, given.metadata ?? {}, findings);
  const id = { kind, namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
  if (id.name === '') return { id: null, value: null };
  const object = complete(definition, { ...given, metadata });
  checkWritten(definition, id, object, findings);
  if (findings.problems.some((problem) => problem.severity === 'error')) return { id, value: null };
  const text = serialise(schema, object);
  warnOfReading(definition, schema, { id, findings }, text);
  return { id, value: definition.hasStatus === true ? `${text.slice(0, -1)},"status":{}}` : text };
}

function complete<Fields extends SpecFields>(
  definition: KindDefinition<Fields>,
  object: StoredObject<Fields>,
): StoredObject<Fields> {
  const spec = object.spec ?? {};
  return definition.complete?.({ ...object, spec }) ?? { ...object, spec };
}

function checkWritten<Fields extends SpecFields>(
  definition: KindDefinition<Fields>,
  id: ResourceId,
  object: StoredObject<Fields>,
  findings: Findings,
): void {
  const { metadata = {}, spec } = object;
  const refuse = findings.error.bind(findings);
  validateMetadata(id, metadata, refuse);
  if (spec !== undefined) definition.validate({ id, metadata, spec }, refuse);
}

// calicoctl stores what a host cannot honour as well; better to hear of it before it is stored.
function warnOfReading<Fields extends SpecFields>(
  definition: KindDefinition<Fields>,
  schema: Schema<Fields>,
  { id, findings }: { readonly id: ResourceId; readonly findings: Findings },
  text: string,
): void {
  const reading = new Findings('');
  decodeObject(definition, schema, JSON.parse(text), { id, findings: reading });
  for (const { code, field, message } of reading.problems) findings.warn(code, field, message);
}

// The server's own fields are not stored; an object without a namespace goes into `default`.
function storedMetadata(kind: Kind, given: StoredMetadata, findings: Findings): StoredMetadata {
  const { namespace = '', ...rest } = { ...given, resourceVersion: null, selfLink: null };
  if ((given.name ?? '') === '') {
    findings.error('name-missing', 'metadata.name', 'There is no name; write one.');
  }
  if (KINDS[kind].namespaced)
    return { ...rest, namespace: namespace === '' ? 'default' : namespace };
  if (namespace !== '') {
    const message = `A ${kind} belongs to the whole cluster; take the namespace out.`;
    findings.error('namespace-invalid', 'metadata.namespace', message);
  }
  return rest;
}

function reportUnknown({ field, name, type }: UnknownField, findings: Findings): void {
  const places = Object.keys(type.fields).filter((place) => holds(type.fields[place], name));
  if (places.length > 0) {
    const where = places.map((place) => quoteText(place)).join(' or ');
    findings.error('unknown-field', field, `${quoteText(name)} belongs into ${where}.`);
    return;
  }
  const meant = suggestName(name, Object.keys(type.fields));
  if (meant !== null) {
    const message = `There is no field ${quoteText(name)}; did you mean ${quoteText(meant)}?`;
    findings.error('unknown-field', field, message);
  } else if (type.growing) {
    const message = `${quoteText(name)} is not known here; a newer Calico may have it. It has no effect.`;
    findings.warn('unknown-field', field, message);
  } else {
    const known = Object.keys(type.fields).join(', ');
    findings.error(
      'unknown-field',
      field,
      `There is no field ${quoteText(name)}; possible are ${known}.`,
    );
  }
}

function holds(type: FieldType | undefined, name: string): boolean {
  return type?.kind === 'struct' && type.byName.has(name.toLowerCase());
}
