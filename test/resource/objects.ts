import { keyOf, parseKey } from '../../src/resource/identify.ts';
import { decodeUpdate } from '../../src/resource/decode.ts';
import type { Kind, Policy, ResourceUpdate } from '../../src/resource/resource.ts';

/** A manifest of this kind; namespaced kinds live in `shop`. */
export function manifest(
  kind: Kind,
  spec: unknown,
  metadata: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const namespaced = parseKey(keyOf({ kind, namespace: 'shop', name: 'x' }))?.namespace === 'shop';
  const place = namespaced ? { namespace: 'shop' } : {};
  return {
    apiVersion: 'projectcalico.org/v3',
    kind,
    metadata: { name: 'x', ...place, ...metadata },
    spec,
  };
}

/** Decodes what would be stored under the key of an object `x` of this kind. */
export function decodeValue(kind: Kind, value: unknown, name = 'x'): ResourceUpdate {
  const namespace = 'shop';
  const update = decodeUpdate({
    key: keyOf({ kind, namespace, name }),
    value: new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)),
    revision: 1,
  });
  if (update === null) throw new Error(`no key of ours: ${kind} ${name}`);
  return update;
}

/** Decodes an object with this spec. */
export function decodeSpec(kind: Kind, spec: unknown): ResourceUpdate {
  return decodeValue(kind, manifest(kind, spec));
}

/** A GlobalNetworkPolicy with one ingress rule, decoded. */
export function decodeRule(rule: unknown): ResourceUpdate {
  return decodeSpec('GlobalNetworkPolicy', { types: ['Ingress'], ingress: [rule] });
}

/** The policy of an update; throws when there is none. */
export function policyOf(update: ResourceUpdate): Policy {
  const { resource } = update;
  if (resource === null || !('displayName' in resource)) throw new Error('not a policy');
  return resource;
}

/** `<severity> <code> <field>` of every problem. */
export function summaries(update: Pick<ResourceUpdate, 'problems'>): string[] {
  return update.problems.map(({ severity, code, field }) => `${severity} ${code} ${field}`);
}
