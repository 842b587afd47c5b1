import { quoteText } from './describe-value.ts';
import type { Refuse } from './findings.ts';
import type { StoredHttp, StoredRule } from './rule-schema.ts';

/** Calico's write-time rules for the HTTP match of a rule. */
export function validateHttp(
  rule: StoredRule,
  http: StoredHttp,
  direction: 'ingress' | 'egress',
  refuse: Refuse,
): void {
  if (direction === 'egress')
    refuse('http-invalid', 'http', 'http is for ingress rules only; take it out.');
  if (rule.action !== 'Allow')
    refuse('http-invalid', 'http', 'http is for Allow rules only; take it out.');
  if (rule.protocol !== undefined && rule.protocol !== 'TCP' && rule.protocol !== 6) {
    refuse('http-invalid', 'protocol', 'A rule with http needs protocol: TCP, or none.');
  }
  validateMethods(http.methods ?? [], refuse);
  for (const [index, path] of (http.paths ?? []).entries()) {
    validatePath(`http.paths[${index}]`, path.exact ?? '', path.prefix ?? '', refuse);
  }
}

function validateMethods(methods: readonly string[], refuse: Refuse): void {
  const repeated = methods.findIndex((method, index) => methods.indexOf(method) < index);
  if (repeated < 0) return;
  refuse('http-invalid', `http.methods[${repeated}]`, 'This method is there twice; take it out.');
}

function validatePath(field: string, exact: string, prefix: string, refuse: Refuse): void {
  if ((exact === '') === (prefix === '')) {
    refuse('http-invalid', field, 'Write either exact or prefix.');
  } else if (!isPath(exact + prefix)) {
    const message = `${quoteText(exact + prefix)} is not a path; it begins with "/" and has no "?", "#" or blank.`;
    refuse('http-invalid', field, message);
  }
}

function isPath(text: string): boolean {
  return text.startsWith('/') && !/[?# ]/.test(text);
}
