import { ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { prefixLabels } from '../selector/combine.ts';
import { parseSelector } from '../selector/parse.ts';
import type { Selector, SelectorError } from '../selector/selector.ts';

const NAMESPACE = 'projectcalico.org/namespace';
const SERVICE_ACCOUNT = 'projectcalico.org/serviceaccount';

/** A field that holds no selector, with the parser's reason. */
export interface BadSelector extends SelectorError {
  readonly field: string;
  readonly text: string;
}

/** The selector fields of a policy; an empty text is an absent field. */
export interface PolicySelectors {
  readonly selector: string;
  readonly namespaceSelector: string;
  readonly serviceAccountSelector: string;
}

/**
 * Which endpoints a GlobalNetworkPolicy applies to, as one selector. The text `all()` is replaced
 * wherever it stands, string literals included, because Calico rewrites text, not trees.
 */
export function globalPolicySelector(fields: PolicySelectors): Result<Selector, BadSelector> {
  const bad = firstBad(policyFields(fields));
  if (bad !== null) return bad;
  let text = spelledOut(fields.selector);
  if (fields.namespaceSelector !== '') {
    text = replaceAll(narrowed(text, prefixed(fields.namespaceSelector, 'pcns.')), NAMESPACE);
  }
  if (fields.serviceAccountSelector !== '') {
    text = replaceAll(
      narrowed(text, prefixed(fields.serviceAccountSelector, 'pcsa.')),
      SERVICE_ACCOUNT,
    );
  }
  return parsed('selector', text);
}

/** Which endpoints a NetworkPolicy of this namespace applies to, as one selector. */
export function namespacedPolicySelector(
  fields: PolicySelectors,
  namespace: string,
): Result<Selector, BadSelector> {
  const bad = firstBad(policyFields(fields));
  if (bad !== null) return bad;
  let text = narrowed(spelledOut(fields.selector), `${NAMESPACE} == '${namespace}'`);
  if (fields.serviceAccountSelector !== '') {
    text += ` && ${prefixed(fields.serviceAccountSelector, 'pcsa.')}`;
  }
  return parsed('selector', text);
}

/** The selector fields of one side of a rule; an empty text or list is an absent field. */
export interface EntitySelectors {
  readonly selector: string;
  readonly notSelector: string;
  readonly namespaceSelector: string;
  readonly serviceAccountNames: readonly string[];
  readonly serviceAccountSelector: string;
}

/** The two selectors that one side of a rule comes down to; null restricts nothing. */
export interface RewrittenEntity {
  readonly positive: Selector | null;
  readonly negative: Selector | null;
}

/**
 * The positive and the negative selector of one side of a rule. `namespace` is the policy's own, empty
 * for GlobalNetworkPolicies and Profiles.
 */
export function entitySelectors(
  fields: EntitySelectors,
  namespace: string,
): Result<RewrittenEntity, BadSelector> {
  const bad = firstBad([
    ['selector', fields.selector],
    ['notSelector', fields.notSelector],
    ['namespaceSelector', fields.namespaceSelector],
    ['serviceAccounts.selector', fields.serviceAccountSelector],
  ]);
  if (bad !== null) return bad;
  const positiveText = positiveEntityText(fields, namespace);
  const positive = positiveText === '' ? null : parsed('selector', positiveText);
  if (positive?.ok === false) return positive;
  const negative = fields.notSelector === '' ? null : parsed('notSelector', fields.notSelector);
  if (negative?.ok === false) return negative;
  return ok({ positive: positive?.value ?? null, negative: negative?.value ?? null });
}

function positiveEntityText(fields: EntitySelectors, namespace: string): string {
  const own = both(serviceAccountText(fields), spelledOut(fields.selector));
  const place = namespaceText(fields.namespaceSelector, namespace);
  const used = own !== '' || fields.notSelector !== '' || fields.namespaceSelector !== '';
  return place !== '' && used ? both(place, own) : own;
}

function namespaceText(namespaceSelector: string, namespace: string): string {
  if (namespaceSelector === '') return namespace === '' ? '' : `${NAMESPACE} == '${namespace}'`;
  return replaceAll(prefixed(namespaceSelector, 'pcns.'), NAMESPACE).replaceAll(
    'global()',
    `!has(${NAMESPACE})`,
  );
}

function serviceAccountText(fields: EntitySelectors): string {
  const { serviceAccountNames: names, serviceAccountSelector } = fields;
  return both(
    serviceAccountSelector === '' ? '' : prefixed(serviceAccountSelector, 'pcsa.'),
    names.length === 0
      ? ''
      : `${SERVICE_ACCOUNT} in {${names.map((name) => `'${name}'`).join(', ')}}`,
  );
}

function both(a: string, b: string): string {
  if (a === '' || b === '') return a + b;
  return `(${a}) && (${b})`;
}

function narrowed(text: string, restriction: string): string {
  return text === '' ? restriction : `(${text}) && ${restriction}`;
}

// A blank selector means all(); put into parentheses it would no longer parse.
function spelledOut(text: string): string {
  return text !== '' && /^[ \t]+$/.test(text) ? 'all()' : text;
}

function replaceAll(text: string, label: string): string {
  return text.replaceAll('all()', `has(${label})`);
}

// Only called for texts that parse.
function prefixed(text: string, prefix: string): string {
  const result = parseSelector(text);
  return result.ok ? prefixLabels(result.value, prefix).text : '';
}

type FieldText = readonly [field: string, text: string];

function policyFields(fields: PolicySelectors): FieldText[] {
  return [
    ['selector', fields.selector],
    ['namespaceSelector', fields.namespaceSelector],
    ['serviceAccountSelector', fields.serviceAccountSelector],
  ];
}

// Every field has to be a selector by itself: `a == "x") || (has(b)` must not become one in parentheses.
function firstBad(fields: readonly FieldText[]): Result<never, BadSelector> | null {
  for (const [field, text] of fields) {
    const result = parsed(field, text);
    if (!result.ok) return result;
  }
  return null;
}

function parsed(field: string, text: string): Result<Selector, BadSelector> {
  const result = parseSelector(text);
  return result.ok ? result : { ok: false, error: { ...result.error, field, text } };
}
