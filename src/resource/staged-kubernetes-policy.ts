import { parseSelector } from '../selector/parse.ts';
import type { Selector } from '../selector/selector.ts';
import type { KindDefinition, ReadInput } from './kind-definition.ts';
import { readStagedAction, stagedActionAdvice } from './policy.ts';
import type { Policy } from './resource.ts';
import { labels, listOf, opaque, string, strings, struct } from './schema.ts';
import type { Infer } from './schema.ts';

const labelSelector = struct({
  matchLabels: labels,
  matchExpressions: listOf(struct({ key: string, operator: string, values: strings })),
});

const spec = struct({
  stagedAction: string,
  podSelector: labelSelector,
  ingress: listOf(opaque),
  egress: listOf(opaque),
  policyTypes: strings,
});

type Fields = (typeof spec)['fields'];

// What kube-controllers gives to the policies that it copies from Kubernetes.
const ORDER = 1000;

/**
 * StagedKubernetesNetworkPolicy: a proposal in Kubernetes' own words, which can only ever select pods.
 * Its rules are not read.
 */
export const stagedKubernetesNetworkPolicyKind: KindDefinition<Fields> = {
  spec,
  read,
  validate: ({ spec: { stagedAction = '' } }, refuse) => {
    const advice = stagedActionAdvice(stagedAction);
    if (advice !== '') refuse('action-invalid', 'spec.stagedAction', advice);
  },
};

function read({ id, spec, findings }: ReadInput<Fields>): Policy | null {
  const selector = readPodSelector(id.namespace, spec.podSelector ?? {});
  if (selector === null) {
    const message = 'This is not a label selector. Until then the policy is ignored.';
    findings.error('selector-invalid', 'spec.podSelector', message);
    return null;
  }
  const types = (spec.policyTypes ?? []).map((type) => type.toLowerCase());
  return {
    kind: 'StagedKubernetesNetworkPolicy',
    namespace: id.namespace,
    name: id.name,
    displayName: id.name,
    tier: 'default',
    order: ORDER,
    selector,
    appliesToIngress: types.length === 0 || types.includes('ingress'),
    appliesToEgress:
      types.includes('egress') || (types.length === 0 && (spec.egress ?? []).length > 0),
    doNotTrack: false,
    preDNAT: false,
    applyOnForward: false,
    ingress: [],
    egress: [],
    stagedAction: readStagedAction(spec, findings),
  };
}

type PodSelector = Infer<typeof labelSelector>;

function readPodSelector(namespace: string, stored: PodSelector): Selector | null {
  const terms = [
    `projectcalico.org/namespace == '${namespace}'`,
    `projectcalico.org/orchestrator == 'k8s'`,
    ...Object.entries(stored.matchLabels ?? {}).map(([key, value]) => `${key} == '${value}'`),
    ...(stored.matchExpressions ?? []).map(expressionText),
  ];
  const result = parseSelector(terms.join(' && '));
  return result.ok ? result.value : null;
}

type Expression = NonNullable<PodSelector['matchExpressions']>[number];

// An unknown operator leaves a text that is no selector.
function expressionText({ key = '', operator = '', values = [] }: Expression): string {
  const set = `{${values.map((value) => `'${value}'`).join(', ')}}`;
  switch (operator) {
    case 'In':
      return `${key} in ${set}`;
    case 'NotIn':
      return `${key} not in ${set}`;
    case 'Exists':
      return `has(${key})`;
    case 'DoesNotExist':
      return `!has(${key})`;
    default:
      return '';
  }
}
