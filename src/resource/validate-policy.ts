import { quoteText } from './describe-value.ts';
import type { Refuse } from './findings.ts';
import { isObjectName } from './names.ts';
import { hintAdvice, PERFORMANCE_HINT, stagedActionAdvice } from './policy.ts';
import type { StoredPolicySpec } from './policy-schema.ts';
import type { ResourceId } from './resource.ts';
import { refuseGlobal, validateSelector } from './validate-entity.ts';
import { nameAdvice } from './validate-metadata.ts';
import { validateRules } from './validate-rule.ts';

/** Calico's write-time rules for policies of all kinds. */
export function validatePolicy(
  input: { readonly id: ResourceId; readonly spec: StoredPolicySpec },
  refuse: Refuse,
): void {
  const { id, spec } = input;
  const { tier = '' } = spec;
  if (tier !== '' && !isObjectName(tier)) {
    refuse('tier-invalid', 'spec.tier', nameAdvice('Tier', tier));
  }
  for (const field of ['selector', 'namespaceSelector', 'serviceAccountSelector'] as const) {
    validateSelector(`spec.${field}`, spec[field] ?? '', refuse);
    refuseGlobal(`spec.${field}`, spec[field] ?? '', refuse);
  }
  validateTypes(spec.types ?? [], refuse);
  validateHints(spec.performanceHints ?? [], refuse);
  validateStages(spec, refuse);
  if (id.kind.startsWith('Staged')) validateStaged(spec, refuse);
  const holder = { global: id.namespace === '' };
  validateRules('ingress', spec.ingress ?? [], holder, refuse);
  validateRules('egress', spec.egress ?? [], holder, refuse);
}

function validateTypes(types: readonly string[], refuse: Refuse): void {
  for (const [index, type] of types.entries()) {
    const field = `spec.types[${index}]`;
    if (type !== 'Ingress' && type !== 'Egress') {
      const meant = { ingress: 'Ingress', egress: 'Egress' }[type.toLowerCase()];
      const advice =
        meant === undefined ? 'is not a type; write Ingress or Egress' : `is written ${meant}`;
      refuse('type-invalid', field, `${quoteText(type)} ${advice}.`);
    } else if (types.indexOf(type) < index) {
      refuse('type-invalid', field, 'This type is there twice; take it out.');
    }
  }
}

function validateHints(hints: readonly string[], refuse: Refuse): void {
  for (const [index, hint] of hints.entries()) {
    if (hint === PERFORMANCE_HINT && hints.indexOf(hint) === index) continue;
    refuse('performance-hint-invalid', `spec.performanceHints[${index}]`, hintAdvice(hint));
  }
}

function validateStages(spec: StoredPolicySpec, refuse: Refuse): void {
  const preDNAT = spec.preDNAT === true;
  const doNotTrack = spec.doNotTrack === true;
  if (preDNAT && doNotTrack) {
    refuse(
      'stages-contradict',
      'spec.preDNAT',
      'preDNAT and doNotTrack exclude each other; take one of them out.',
    );
  }
  if ((preDNAT || doNotTrack) && spec.applyOnForward !== true) {
    const message = `${preDNAT ? 'preDNAT' : 'doNotTrack'} needs applyOnForward: true.`;
    refuse('stages-contradict', 'spec.applyOnForward', message);
  }
  if (preDNAT) validatePreDNAT(spec, refuse);
}

function validatePreDNAT(spec: StoredPolicySpec, refuse: Refuse): void {
  if ((spec.egress ?? []).length > 0) {
    const message = 'A preDNAT policy cannot have egress rules; put them into another policy.';
    refuse('stages-contradict', 'spec.egress', message);
  }
  if ((spec.types ?? []).some((type) => type.toLowerCase() === 'egress')) {
    const message = 'A preDNAT policy cannot have type Egress; write types: [Ingress].';
    refuse('stages-contradict', 'spec.types', message);
  }
}

function validateStaged(spec: StoredPolicySpec, refuse: Refuse): void {
  const { stagedAction = '' } = spec;
  const advice = stagedActionAdvice(stagedAction);
  if (advice !== '') refuse('action-invalid', 'spec.stagedAction', advice);
  if (stagedAction !== 'Delete') return;
  for (const [field, value] of Object.entries(spec)) {
    if (field === 'tier' || field === 'stagedAction' || isZero(value)) continue;
    const message = 'With stagedAction Delete only the tier may be given; take this out.';
    refuse('staged-delete-not-empty', `spec.${field}`, message);
  }
}

function isZero(value: unknown): boolean {
  return value === '' || value === false || (Array.isArray(value) && value.length === 0);
}
