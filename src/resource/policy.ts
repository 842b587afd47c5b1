import type { Result } from '../base/result.ts';
import type { Selector } from '../selector/selector.ts';
import { quoteText } from './describe-value.ts';
import { readDisplayName } from './display-name.ts';
import type { Findings } from './findings.ts';
import type { StoredMetadata } from './object-schema.ts';
import type { StoredPolicySpec } from './policy-schema.ts';
import { readRules } from './read-rule.ts';
import type { Policy, PolicyKind, ResourceId } from './resource.ts';
import { globalPolicySelector, namespacedPolicySelector } from './rewrite-selector.ts';
import type { BadSelector } from './rewrite-selector.ts';
import { selectorAdvice } from './selector-advice.ts';

/** A policy of any kind as stored. */
export interface PolicyInput {
  readonly id: ResourceId;
  readonly metadata: StoredMetadata;
  readonly spec: StoredPolicySpec;
  readonly findings: Findings;
}

/** A policy as Calico's agent reads it; null when it ignores the policy. */
export function readPolicy(kind: PolicyKind, input: PolicyInput): Policy | null {
  const { id, spec, findings } = input;
  const tier = tierOf(spec);
  const displayName = readDisplayName(id.name, tier, input.metadata, findings);
  const selector = readSelector(input);
  const owner = { namespace: id.namespace, findings, refusal: 'the policy is ignored' };
  const ingress = readRules('ingress', spec.ingress, owner);
  const egress = readRules('egress', spec.egress, owner);
  const hintsFit = checkHints(spec.performanceHints ?? [], findings);
  if (displayName === null || selector === null || !hintsFit) return null;
  if (ingress === null || egress === null) return null;
  const doNotTrack = spec.doNotTrack === true;
  const preDNAT = spec.preDNAT === true && !doNotTrack;
  const types = readTypes(spec.types ?? []);
  return {
    kind,
    namespace: id.namespace,
    name: id.name,
    displayName,
    tier,
    order: spec.order ?? Infinity,
    selector,
    appliesToIngress: types.ingress,
    appliesToEgress: types.egress && !preDNAT,
    doNotTrack,
    preDNAT,
    applyOnForward: spec.applyOnForward === true,
    ingress,
    egress: preDNAT ? [] : egress,
    stagedAction: stagedActionOf(kind, spec, findings),
  };
}

/** The tier a policy belongs to; the same for the objects of every Calico version. */
export function tierOf(spec: StoredPolicySpec): string {
  return spec.tier === undefined || spec.tier === '' ? 'default' : spec.tier;
}

function readSelector(input: PolicyInput): Selector | null {
  const result = rewrite(input);
  if (result.ok) return result.value;
  const message = `${selectorAdvice(result.error)} Until then the policy is ignored.`;
  input.findings.error('selector-invalid', `spec.${result.error.field}`, message);
  return null;
}

function rewrite({ id, spec }: PolicyInput): Result<Selector, BadSelector> {
  const fields = {
    selector: spec.selector ?? '',
    namespaceSelector: spec.namespaceSelector ?? '',
    serviceAccountSelector: spec.serviceAccountSelector ?? '',
  };
  const { namespace } = id;
  return namespace === ''
    ? globalPolicySelector(fields)
    : namespacedPolicySelector(fields, namespace);
}

/** The only performance hint there is (Calico v3.27). */
export const PERFORMANCE_HINT = 'AssumeNeededOnEveryNode';

function checkHints(hints: readonly string[], findings: Findings): boolean {
  const bad = hints.findIndex((hint, index) => hint !== PERFORMANCE_HINT || index > 0);
  if (bad < 0) return true;
  const message = `${hintAdvice(hints[bad] ?? '')} Until then the policy is ignored.`;
  findings.error('performance-hint-invalid', `spec.performanceHints[${bad}]`, message);
  return false;
}

/** What to do about a hint that is unknown or there twice. */
export function hintAdvice(hint: string): string {
  return hint === PERFORMANCE_HINT
    ? 'This hint is there twice; take it out.'
    : `${quoteText(hint)} is not a hint; the only one is ${PERFORMANCE_HINT}.`;
}

// No types at all means both directions; unknown ones alone mean neither.
function readTypes(types: readonly string[]): { ingress: boolean; egress: boolean } {
  if (types.length === 0) return { ingress: true, egress: true };
  const lower = types.map((type) => type.toLowerCase());
  return { ingress: lower.includes('ingress'), egress: lower.includes('egress') };
}

type StagedAction = Exclude<Policy['stagedAction'], ''>;

const STAGED_ACTIONS: ReadonlyMap<string, StagedAction> = new Map([
  ['', 'Set'],
  ['Set', 'Set'],
  ['Delete', 'Delete'],
  ['Learn', 'Learn'],
  ['Ignore', 'Ignore'],
]);

function stagedActionOf(
  kind: PolicyKind,
  spec: StoredPolicySpec,
  findings: Findings,
): Policy['stagedAction'] {
  return kind.startsWith('Staged') ? readStagedAction(spec, findings) : '';
}

/** What a staged policy proposes; an unknown action counts as Ignore. */
export function readStagedAction(
  spec: { readonly stagedAction?: string },
  findings: Findings,
): StagedAction {
  const action = STAGED_ACTIONS.get(spec.stagedAction ?? '');
  if (action !== undefined) return action;
  findings.error(
    'action-invalid',
    'spec.stagedAction',
    stagedActionAdvice(spec.stagedAction ?? ''),
  );
  return 'Ignore';
}

/** What to write instead of this staged action; empty when it is fine. */
export function stagedActionAdvice(action: string): string {
  if (STAGED_ACTIONS.has(action)) return '';
  return `${quoteText(action)} is not a staged action; write Set, Delete, Learn or Ignore.`;
}
