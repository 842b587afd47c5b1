import { parseNet } from '../net/cidr.ts';
import type { Refuse } from './findings.ts';
import type { KindDefinition, ReadInput, WriteInput } from './kind-definition.ts';
import { netAdvice } from './net-advice.ts';
import type { NetworkSet } from './resource.ts';
import { strings, struct } from './schema.ts';

const spec = struct({ nets: strings });

type Fields = (typeof spec)['fields'];

const NAMESPACE = 'projectcalico.org/namespace';

/** GlobalNetworkSet: addresses under labels, for the whole cluster. */
export const globalNetworkSetKind: KindDefinition<Fields> = {
  spec,
  read: (input) => ({
    ...input.id,
    kind: 'GlobalNetworkSet',
    labels: input.metadata.labels ?? {},
    profiles: [],
    nets: readNets(input),
  }),
  validate,
};

/** NetworkSet: addresses under labels, which take part in selectors as if they were pods of the namespace. */
export const networkSetKind: KindDefinition<Fields> = {
  spec,
  read: (input): NetworkSet => ({
    ...input.id,
    kind: 'NetworkSet',
    labels: { ...input.metadata.labels, [NAMESPACE]: input.id.namespace },
    profiles: [`kns.${input.id.namespace}`],
    nets: readNets(input),
  }),
  validate,
};

function readNets({ spec, findings }: ReadInput<Fields>): readonly string[] {
  const nets: string[] = [];
  for (const [index, text] of (spec.nets ?? []).entries()) {
    const net = parseNet(text);
    // Mostly it is as it was stored: then that text is kept, not one put together of parts.
    if (net !== null) nets.push(net.text === text ? text : net.text);
    else {
      const message = `${netAdvice(text)} Until then this entry is skipped.`;
      findings.error('net-invalid', `spec.nets[${index}]`, message);
    }
  }
  return nets;
}

function validate({ metadata, spec }: WriteInput<Fields>, refuse: Refuse): void {
  if (Object.hasOwn(metadata.labels ?? {}, NAMESPACE)) {
    const message = `Sets must not carry the label ${NAMESPACE}; take it out.`;
    refuse('label-invalid', `metadata.labels["${NAMESPACE}"]`, message);
  }
  for (const [index, text] of (spec.nets ?? []).entries()) {
    if (parseNet(text) === null) refuse('net-invalid', `spec.nets[${index}]`, netAdvice(text));
  }
}
