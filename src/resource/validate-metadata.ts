import { quoteText } from './describe-value.ts';
import type { Refuse } from './findings.ts';
import { KINDS } from './identify.ts';
import {
  isGlobalPolicyName,
  isLabelKey,
  isLabelValue,
  isObjectName,
  isPolicyName,
  isTierName,
} from './names.ts';
import type { StoredMetadata } from './object-schema.ts';
import type { Kind, ResourceId } from './resource.ts';

const MAX_ANNOTATIONS = 256 * 1024;

const encoder = new TextEncoder();

/** Calico's write-time rules for the metadata of an object. */
export function validateMetadata(id: ResourceId, metadata: StoredMetadata, refuse: Refuse): void {
  if (!nameFits(id.kind, id.name)) {
    refuse('name-invalid', 'metadata.name', nameAdvice(id.kind, id.name));
  }
  if (KINDS[id.kind].namespaced && !isObjectName(id.namespace)) {
    refuse('namespace-invalid', 'metadata.namespace', nameAdvice(id.kind, id.namespace));
  }
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    const field = `metadata.labels[${JSON.stringify(key)}]`;
    if (!isLabelKey(key)) refuse('label-invalid', field, labelKeyAdvice(key));
    if (!isLabelValue(value)) refuse('label-invalid', field, labelValueAdvice(value));
  }
  validateAnnotations('metadata.annotations', metadata.annotations ?? {}, refuse);
}

/** Calico's write-time rules for annotations, of objects and of rules. */
export function validateAnnotations(
  field: string,
  annotations: Readonly<Record<string, string>>,
  refuse: Refuse,
): void {
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    size += encoder.encode(key + value).length;
    if (!isLabelKey(key.toLowerCase())) {
      refuse('annotation-invalid', `${field}[${JSON.stringify(key)}]`, labelKeyAdvice(key));
    }
  }
  if (size > MAX_ANNOTATIONS) {
    refuse('annotation-invalid', field, 'Annotations may have 256 KiB in all; shorten them.');
  }
}

/** What a label key has to look like. */
export function labelKeyAdvice(key: string): string {
  return (
    `${quoteText(key)} cannot be a key; write up to 63 letters, digits, "-", "_" and ".", beginning and ending ` +
    'with a letter or digit, after a DNS name and "/" if you like.'
  );
}

/** What a label value has to look like. */
export function labelValueAdvice(value: string): string {
  return (
    `${quoteText(value)} cannot be a label value; write up to 63 letters, digits, "-", "_" and ".", beginning ` +
    'and ending with a letter or digit.'
  );
}

const NAME_RULES: ReadonlyMap<Kind, (name: string) => boolean> = new Map([
  ['GlobalNetworkPolicy', isGlobalPolicyName],
  ['StagedGlobalNetworkPolicy', isGlobalPolicyName],
  ['NetworkPolicy', isPolicyName],
  ['StagedNetworkPolicy', isPolicyName],
  ['Tier', isTierName],
]);

function nameFits(kind: Kind, name: string): boolean {
  return (NAME_RULES.get(kind) ?? isObjectName)(name);
}

/** What the name of an object of this kind has to look like. */
export function nameAdvice(kind: Kind, name: string): string {
  const text = quoteText(name);
  if (kind === 'Tier') {
    return `${text} cannot be a tier; write up to 63 lower-case letters, digits and "-", such as "platform".`;
  }
  const dots = kind.endsWith('NetworkPolicy') ? ', with at most one "."' : ' and "."';
  return `${text} cannot be a name; write lower-case letters, digits, "-"${dots}, such as "web-1".`;
}
