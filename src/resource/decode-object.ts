import { quoteText } from './describe-value.ts';
import { withoutDefault } from './display-name.ts';
import type { Findings, Refuse } from './findings.ts';
import { API_VERSION } from './identify.ts';
import type { KindDefinition } from './kind-definition.ts';
import type { objectSchema, SpecFields, StoredObject } from './object-schema.ts';
import type { Resource, ResourceId } from './resource.ts';
import { conform, isRecord, newConformance } from './schema.ts';
import { isTimestamp } from './timestamp.ts';
import { validateMetadata } from './validate-metadata.ts';

interface Place {
  readonly id: ResourceId;
  readonly findings: Findings;
}

type Schema<Fields extends SpecFields> = ReturnType<typeof objectSchema<Fields>>;

/** Checks form and identity of a stored value and has the kind read it; null when it counts as absent. */
export function decodeObject<Fields extends SpecFields>(
  definition: KindDefinition<Fields>,
  schema: Schema<Fields>,
  value: unknown,
  place: Place,
): Resource | null {
  const { id, findings } = place;
  const object = wellFormed<Fields>(schema, value, findings);
  if (object === null || !isItself(object, id, findings)) return null;
  const { metadata = {} } = object;
  const spec = object.spec ?? {};
  const resource = definition.read({ id, metadata, spec, findings });
  // Endpoints of pods come in great numbers and from one writer: their form is its business.
  if (resource !== null && id.kind !== 'WorkloadEndpoint') {
    const refuse = warnOfNew(findings);
    validateMetadata({ ...id, name: nameFor(id, id.name) }, metadata, refuse);
    warnOfTime(metadata.creationTimestamp, findings);
    definition.validate({ id, metadata, spec }, refuse);
  }
  return resource;
}

function wellFormed<Fields extends SpecFields>(
  schema: Schema<Fields>,
  value: unknown,
  findings: Findings,
): StoredObject<Fields> | null {
  if (!isRecord(value) || Object.keys(value).length === 0) {
    // Felix takes null and {} for a policy that denies everything to everybody.
    findings.error(
      'malformed',
      '',
      'The value is not an object of the resource; it is ignored. Write it again with calicoctl.',
    );
    return null;
  }
  const found = newConformance('ignore-unknown');
  const object = conform(schema, value, found);
  for (const { field, message } of found.mismatches) {
    findings.error('malformed', field, `This ${message}. Until then the object is ignored.`);
  }
  return found.mismatches.length === 0 ? object : null;
}

function isItself<Fields extends SpecFields>(
  object: StoredObject<Fields>,
  id: ResourceId,
  findings: Findings,
): boolean {
  const { kind = '', apiVersion = '', metadata: { name = '', namespace = '' } = {} } = object;
  return (
    agree('kind', kind, id.kind, findings) &&
    agree('apiVersion', apiVersion, API_VERSION, findings) &&
    (nameFor(id, name) === nameFor(id, id.name) ||
      agree('metadata.name', name, id.name, findings)) &&
    agree('metadata.namespace', namespace, id.namespace, findings)
  );
}

function agree(field: string, found: string, wanted: string, findings: Findings): boolean {
  if (found === wanted) return true;
  const message = `The key says ${quoteText(wanted)}, the value ${quoteText(found)}. Until they agree the object is ignored.`;
  findings.error('identity-mismatch', field, message);
  return false;
}

// Some tools show policies without the "default." that older versions stored in front of the name.
function nameFor(id: ResourceId, name: string): string {
  return id.kind.endsWith('NetworkPolicy') ? withoutDefault(name) : name;
}

function warnOfNew(findings: Findings): Refuse {
  const known = new Set(findings.problems.map((problem) => problem.field));
  return (code, field, message) => {
    if (known.has(field)) return;
    findings.warn(
      code,
      field,
      `calicoctl would refuse this; it is taken as Calico takes it: ${message}`,
    );
  };
}

function warnOfTime(time: unknown, findings: Findings): void {
  if (time === undefined || (typeof time === 'string' && isTimestamp(time))) return;
  const message =
    'Felix ignores objects whose time is not RFC 3339; here the time counts as unknown.';
  findings.warn('timestamp-invalid', 'metadata.creationTimestamp', message);
}
