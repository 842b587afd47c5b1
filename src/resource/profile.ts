import type { Refuse } from './findings.ts';
import { ALLOW_ALL } from './limits.ts';
import type { KindDefinition, ReadInput, WriteInput } from './kind-definition.ts';
import { isLabelKey, isLabelValue } from './names.ts';
import { readRules } from './read-rule.ts';
import type { Profile } from './resource.ts';
import { ruleSchema } from './rule-schema.ts';
import { labels, listOf, struct } from './schema.ts';
import { labelKeyAdvice, labelValueAdvice, validateMetadata } from './validate-metadata.ts';
import { validateRules } from './validate-rule.ts';

const spec = struct({
  ingress: listOf(ruleSchema),
  egress: listOf(ruleSchema),
  labelsToApply: labels,
});

type Fields = (typeof spec)['fields'];

/** Profile: rules and labels for the endpoints that name it. */
export const profileKind: KindDefinition<Fields> = { spec, read, validate };

/**
 * `projectcalico-default-allow`, which Calico's client library invents: it is never stored, always exists,
 * and allows everything both ways.
 */
export const DEFAULT_ALLOW_PROFILE: Profile = {
  kind: 'Profile',
  namespace: '',
  name: 'projectcalico-default-allow',
  rules: { ingress: [ALLOW_ALL], egress: [ALLOW_ALL] },
  labelsToApply: {},
};

function read(input: ReadInput<Fields>): Profile {
  const { id, spec, findings } = input;
  if (id.name === DEFAULT_ALLOW_PROFILE.name) {
    const message =
      'This profile is built in; what is stored under its name is ignored. Delete it.';
    findings.warn('profile-built-in', 'metadata.name', message);
    return DEFAULT_ALLOW_PROFILE;
  }
  const owner = { namespace: '', findings, refusal: 'the profile counts as missing and denies' };
  const ingress = readRules('ingress', spec.ingress, owner);
  const egress = readRules('egress', spec.egress, owner);
  return {
    ...id,
    kind: 'Profile',
    rules: ingress === null || egress === null ? null : { ingress, egress },
    labelsToApply: readLabels(input),
  };
}

// Checks that Calico made part of its CRDs, of which there is none for Profile.
const NOT_CHECKED_ON_READ: ReadonlySet<string> = new Set([
  'action-invalid',
  'icmp-invalid',
  'icmp-code-without-type',
  'icmp-without-protocol',
  'http-invalid',
  'services-invalid',
]);

// Calico's agent takes labels only from profiles that pass the write-time checks as a whole.
function readLabels(input: ReadInput<Fields>): Profile['labelsToApply'] {
  const stored = input.spec.labelsToApply ?? {};
  if (Object.keys(stored).length === 0) return stored;
  const breaches: string[] = [];
  const refuse: Refuse = (code, field, message) => {
    if (!NOT_CHECKED_ON_READ.has(code)) breaches.push(`${field}: ${message}`);
  };
  validateMetadata(input.id, input.metadata, refuse);
  validate(input, refuse);
  if (breaches.length === 0) return stored;
  const message = `No endpoint inherits these labels while the profile is invalid (${breaches[0] ?? ''}).`;
  input.findings.error('labels-ignored', 'spec.labelsToApply', message);
  return {};
}

function validate({ id, spec }: WriteInput<Fields>, refuse: Refuse): void {
  if (id.name === DEFAULT_ALLOW_PROFILE.name) {
    refuse('profile-built-in', 'metadata.name', 'This profile is built in; choose another name.');
  }
  validateRules('ingress', spec.ingress ?? [], { global: true }, refuse);
  validateRules('egress', spec.egress ?? [], { global: true }, refuse);
  for (const [key, value] of Object.entries(spec.labelsToApply ?? {})) {
    const field = `spec.labelsToApply[${JSON.stringify(key)}]`;
    if (!isLabelKey(key)) refuse('label-invalid', field, labelKeyAdvice(key));
    if (!isLabelValue(value)) refuse('label-invalid', field, labelValueAdvice(value));
  }
}
