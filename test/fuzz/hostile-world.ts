import fc from 'fast-check';
import { keyOf } from '../../src/resource/identify.ts';
import type { Kind } from '../../src/resource/resource.ts';
import type { RawUpdate } from '../../src/base/raw-update.ts';
import { hostileText, mutate, oddValue, picks } from './cases.ts';

/** An object as somebody may have put it into etcd, past every validation. */
export interface StoredObject {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly document: unknown;
}

const text = new TextEncoder();

/** The update that etcd delivers of it. */
export function rawUpdate({ kind, namespace, name, document }: StoredObject): RawUpdate {
  const value = text.encode(JSON.stringify(document));
  return { key: keyOf({ kind, namespace, name }), value, revision: 1 };
}

type Texts = readonly [string, string, string, string, string];

const RULE = (label: string, address: string, action: string): object => ({
  action,
  protocol: 'TCP',
  source: { nets: ['192.0.2.0/24', address], selector: `role == "${label}" || has(x)` },
  destination: { ports: [80, '90:99', 'http'] },
  metadata: { annotations: { note: label } },
});

function isNamespaced(kind: Kind): boolean {
  return kind === 'NetworkPolicy' || kind === 'WorkloadEndpoint';
}

function objects([name, label, port, iface, prefix]: Texts): readonly StoredObject[] {
  const spec = (kind: Kind, called: string, body: object, labels: object = {}): StoredObject => ({
    kind,
    namespace: isNamespaced(kind) ? 'shop' : '',
    name: called,
    document: {
      kind,
      apiVersion: 'projectcalico.org/v3',
      metadata: {
        name: called,
        ...(isNamespaced(kind) ? { namespace: 'shop' } : {}),
        labels,
        annotations: { x: label },
      },
      spec: body,
    },
  });
  const rules = [RULE(label, '10.0.0.1', 'Allow'), RULE(port, '::1', 'Log'), { action: 'Log' }];
  const policy = {
    tier: 'default',
    order: 1,
    selector: 'all()',
    types: ['Ingress', 'Egress'],
    ingress: rules,
    egress: rules,
  };
  const ports = [{ name: port === '' ? 'http' : port, protocol: 'TCP', port: 80 }];
  return [
    spec(
      'HostEndpoint',
      name,
      { node: 'hosta', interfaceName: iface, profiles: [label], ports },
      { role: label },
    ),
    spec(
      'HostEndpoint',
      'plain',
      { node: 'hosta', interfaceName: 'eth0', profiles: [name] },
      { role: 'r' },
    ),
    spec('GlobalNetworkPolicy', name, policy),
    spec('NetworkPolicy', name, policy),
    spec('GlobalNetworkPolicy', 'early', {
      ...policy,
      preDNAT: true,
      applyOnForward: true,
      egress: [],
      types: ['Ingress'],
    }),
    spec('Tier', name, { order: 5, defaultAction: label }),
    spec('Profile', name, { ingress: rules, egress: rules, labelsToApply: { [label]: name } }),
    spec('GlobalNetworkSet', name, { nets: ['198.51.100.0/24', label] }, { role: label }),
    spec(
      'WorkloadEndpoint',
      name,
      { node: 'other', interfaceName: 'cali1', ipNetworks: ['10.1.1.1/32'], ports },
      { role: label },
    ),
    spec('FelixConfiguration', 'default', {
      logPrefix: prefix,
      interfaceExclude: iface,
      nftablesMarkMask: 0xff0000,
    }),
  ];
}

// What is refused at the door proves nothing of what comes after it: half of each is harmless.
function or(harmless: string): fc.Arbitrary<string> {
  return fc.oneof(fc.constant(harmless), hostileText);
}

/** Objects of every kind whose names, labels, ports, interfaces and log prefix are hostile, and one spot of one is odd. */
export const hostileWorld: fc.Arbitrary<readonly StoredObject[]> = fc
  .tuple(
    fc.tuple(or('p-1'), or('edge'), or('http'), or('eth1'), or('calico-packet')),
    fc.nat(9),
    picks,
    oddValue,
    fc.boolean(),
  )
  .map(([texts, at, way, replacement, isMutated]) =>
    objects(texts).map((one, index) =>
      isMutated && index === at
        ? { ...one, document: mutate(one.document, way, replacement) }
        : one,
    ),
  );
