import { parseNet, strictCidr } from '../net/cidr.ts';
import { parseSelector } from '../selector/parse.ts';
import { quoteText } from './describe-value.ts';
import type { Refuse } from './findings.ts';
import { isObjectName } from './names.ts';
import { portAdvice, portRange } from './read-ports.ts';
import type { StoredEntity } from './rule-schema.ts';
import { selectorAdvice } from './selector-advice.ts';

/** The object that rules belong to. */
export interface RuleHolder {
  /** Without a namespace of its own: GlobalNetworkPolicy and Profile. */
  readonly global: boolean;
}

type Side = 'source' | 'destination';

/** Calico's write-time rules for one side of a rule. */
export function validateEntity(
  side: Side,
  entity: StoredEntity,
  holder: RuleHolder,
  refuse: Refuse,
): void {
  const within: Refuse = (code, field, message) => {
    refuse(code, `${side}.${field}`, message);
  };
  validateNets('nets', entity.nets ?? [], within);
  validateNets('notNets', entity.notNets ?? [], within);
  validateCatchAll(entity.notNets ?? [], within);
  validateSelectors(entity, within);
  validatePorts('ports', entity.ports ?? [], within);
  validatePorts('notPorts', entity.notPorts ?? [], within);
  validateServices(entity, holder, within);
}

function validateNets(field: string, nets: readonly string[], refuse: Refuse): void {
  for (const [index, text] of nets.entries()) {
    if (strictCidr(text)?.isMasked !== true)
      refuse('net-invalid', `${field}[${index}]`, netAdvice(text));
  }
}

function netAdvice(text: string): string {
  const net = parseNet(text);
  if (net !== null) return `Write ${quoteText(text)} as ${quoteText(net.text)}.`;
  return `${quoteText(text)} is not a CIDR; write one such as "10.0.0.0/8".`;
}

function validateCatchAll(nets: readonly string[], refuse: Refuse): void {
  for (const [index, text] of nets.entries()) {
    const net = parseNet(text);
    if (net?.prefix !== 0) continue;
    const message = `Nothing lies outside ${net.text}, so the rule could never match; take it out.`;
    refuse('net-catch-all', `notNets[${index}]`, message);
  }
}

function validateSelectors(entity: StoredEntity, refuse: Refuse): void {
  validateSelector('selector', entity.selector ?? '', refuse);
  validateSelector('notSelector', entity.notSelector ?? '', refuse);
  validateSelector('serviceAccounts.selector', entity.serviceAccounts?.selector ?? '', refuse);
  const { namespaceSelector = '' } = entity;
  validateSelector('namespaceSelector', namespaceSelector, refuse);
  refuseGlobal('selector', entity.selector ?? '', refuse);
  if (
    namespaceSelector.includes('global(') &&
    !/^[ \t]*global\([ \t]*\)[ \t]*$/.test(namespaceSelector)
  ) {
    const message =
      'global() cannot be combined with other selectors; make it two rules, one with global() alone.';
    refuse('selector-global', 'namespaceSelector', message);
  }
}

/** Refuses a text that is not a selector, with the reason and a hint. */
export function validateSelector(field: string, text: string, refuse: Refuse): void {
  const result = parseSelector(text);
  if (result.ok) return;
  refuse('selector-invalid', field, selectorAdvice({ ...result.error, field, text }));
}

/** Refuses `global()` where it has no meaning. */
export function refuseGlobal(field: string, text: string, refuse: Refuse): void {
  if (!text.includes('global(')) return;
  const message = 'global() is for the namespaceSelector of rules only; take it out.';
  refuse('selector-global', field, message);
}

function validatePorts(field: string, ports: readonly (number | string)[], refuse: Refuse): void {
  for (const [index, item] of ports.entries()) {
    const advice = portAdvice(item, portRange(item));
    if (advice !== null) refuse('port-invalid', `${field}[${index}]`, advice);
  }
}

function validateServices(entity: StoredEntity, holder: RuleHolder, refuse: Refuse): void {
  const { services } = entity;
  if (services === undefined) return;
  const { name = '', namespace = '' } = services;
  if (name === '') refuse('services-invalid', 'services.name', 'Write the name of the service.');
  if (holder.global && namespace === '') {
    refuse('services-invalid', 'services.namespace', 'Write the namespace of the service.');
  }
  for (const [field, text] of Object.entries({ name, namespace })) {
    if (text !== '' && !isObjectName(text)) {
      refuse('services-invalid', `services.${field}`, `${quoteText(text)} cannot be a name.`);
    }
  }
  const beside = fieldsBesideServices(entity);
  if (beside.length > 0) {
    refuse('services-invalid', 'services', `services stand alone; take out ${beside.join(', ')}.`);
  }
}

function fieldsBesideServices(entity: StoredEntity): string[] {
  const fields = ['namespaceSelector', 'selector', 'notSelector', 'nets', 'notNets'] as const;
  const used: string[] = fields.filter((field) => (entity[field] ?? '').length > 0);
  return entity.serviceAccounts === undefined ? used : [...used, 'serviceAccounts'];
}
