import type { Problem } from '../base/problem.ts';
import { CODECS } from './codecs.ts';
import { describeValue } from './describe-value.ts';
import { Findings } from './findings.ts';
import { explainForeign, isOtherCalicoKind } from './foreign-manifest.ts';
import { API_VERSION, isKind, keyOf, KINDS } from './identify.ts';
import type { Kind, ResourceId } from './resource.ts';
import { resourceName } from './resource.ts';
import { isRecord } from './schema.ts';

/** What `calicoctl apply` would do with one manifest. */
export interface Admission {
  /** Who the manifest describes; null when it does not say. */
  readonly id: ResourceId | null;
  readonly key: string | null;
  /** The JSON that Calico ≥ v3.32 would store, less uid and creationTimestamp; null when it is refused. */
  readonly value: string | null;
  /** Errors say why it is refused; warnings come with objects that are stored. */
  readonly problems: readonly Problem[];
}

/**
 * Does to a manifest what `calicoctl apply` does: checks form and content by Calico's write-time rules,
 * fills in defaults, and gives the JSON to store. Never throws, whatever the document is.
 */
export function admitManifest(document: unknown): Admission {
  if (!isRecord(document)) {
    const findings = new Findings('manifest');
    const message = `A manifest is an object with apiVersion, kind, metadata and spec, not ${describeValue(document)}.`;
    findings.error('not-a-resource', '', message);
    return refused(findings);
  }
  const kind = textOf(document, 'kind');
  const apiVersion = textOf(document, 'apiVersion');
  const findings = new Findings(objectName(kind, document));
  if (apiVersion === API_VERSION && isKind(kind)) return admitKind(kind, document, findings);
  if (isOtherCalicoKind(apiVersion, kind)) {
    findings.warn('kind-not-read', 'kind', `Hosts do not need a ${kind}; it has no effect here.`);
  } else explainForeign(apiVersion, kind, findings.error.bind(findings));
  return refused(findings);
}

function admitKind(kind: Kind, document: unknown, findings: Findings): Admission {
  const { id, value } = CODECS[kind].admit(kind, document, findings);
  return { id, key: id === null ? null : keyOf(id), value, problems: findings.problems };
}

function refused({ problems }: Findings): Admission {
  return { id: null, key: null, value: null, problems };
}

function textOf(record: Readonly<Record<string, unknown>>, field: string): string {
  const value = record[field];
  return typeof value === 'string' ? value : '';
}

// Named as it will be, so that all its problems stand together, form and content.
function objectName(kind: string, document: Readonly<Record<string, unknown>>): string {
  const metadata = isRecord(document['metadata']) ? document['metadata'] : {};
  const name = textOf(metadata, 'name');
  if (kind === '') return name === '' ? 'manifest' : `manifest ${name}`;
  if (name === '') return `${kind} without a name`;
  if (!isKind(kind)) return `${kind} ${name}`;
  const given = textOf(metadata, 'namespace');
  const namespace = KINDS[kind].namespaced && given === '' ? 'default' : given;
  return resourceName({ kind, namespace: KINDS[kind].namespaced ? namespace : '', name });
}
