import { quoteText } from './describe-value.ts';
import type { Findings } from './findings.ts';
import type { StoredMetadata } from './object-schema.ts';
import { isRecord } from './schema.ts';

/** Where Calico ≥ v3.30 keeps the name that the user gave: JSON in an annotation. */
export const METADATA_ANNOTATION = 'projectcalico.org/metadata';

/**
 * What users call a policy: Calico up to v3.31 stored `default.` in front of names without a tier. Null
 * when the annotation cannot be read, for then Calico's agent drops the policy.
 */
export function readDisplayName(
  keyName: string,
  tier: string,
  metadata: StoredMetadata,
  findings: Findings,
): string | null {
  const annotation = metadata.annotations?.[METADATA_ANNOTATION] ?? '';
  if (annotation !== '') {
    const given = nameIn(annotation);
    if (given === null) {
      const message = `${quoteText(annotation)} is not JSON with a name; delete the annotation. Until then the policy is ignored.`;
      findings.error(
        'annotation-invalid',
        `metadata.annotations["${METADATA_ANNOTATION}"]`,
        message,
      );
      return null;
    }
    if (given !== '') return given;
  }
  return tier === 'default' ? withoutDefault(keyName) : keyName;
}

/** The name without one leading `default.`. */
export function withoutDefault(name: string): string {
  return name.startsWith('default.') ? name.slice('default.'.length) : name;
}

// Empty when the JSON is fine but holds no name.
function nameIn(annotation: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(annotation);
  } catch {
    return null;
  }
  if (value === null) return '';
  if (!isRecord(value)) return null;
  const name = value['name'] ?? '';
  return typeof name === 'string' ? name : null;
}
