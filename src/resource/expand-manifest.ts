import { isRecord } from './schema.ts';

// Lists in lists do not come from any tool; the limit is for documents that contain themselves.
const MAX_DEPTH = 4;

/**
 * The single objects of a YAML or JSON document: the items of a `List`, of Calico's own lists
 * (`GlobalNetworkPolicyList`) or of a bare list; anything else is itself, an empty document nothing.
 */
export function expandManifest(document: unknown): unknown[] {
  return expand(document, MAX_DEPTH);
}

function expand(document: unknown, depth: number): unknown[] {
  if (document === null || document === undefined) return [];
  if (depth === 0) return [document];
  if (Array.isArray(document)) return document.flatMap((item: unknown) => expand(item, depth - 1));
  if (!isRecord(document)) return [document];
  const { kind, apiVersion, items } = document;
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items))
    return [document];
  const itemKind = kind.slice(0, -'List'.length);
  return items.flatMap((item: unknown) =>
    expand(itemKind === '' ? item : withType(item, itemKind, apiVersion), depth - 1),
  );
}

// Kubernetes leaves kind and apiVersion out of the items of a list that has them itself.
function withType(item: unknown, kind: string, apiVersion: unknown): unknown {
  return isRecord(item) ? { apiVersion, kind, ...item } : item;
}
