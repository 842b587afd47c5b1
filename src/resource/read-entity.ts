import { parseNet } from '../net/cidr.ts';
import { andSelectors, notSelector } from '../selector/combine.ts';
import { MAX_LENGTH } from '../selector/grammar.ts';
import type { Selector } from '../selector/selector.ts';
import { quoteText } from './describe-value.ts';
import { netAdvice } from './net-advice.ts';
import { readPorts } from './read-ports.ts';
import { entitySelectors } from './rewrite-selector.ts';
import { losePart, neverMatch, refuseRule } from './rule-reading.ts';
import type { RuleReading } from './rule-reading.ts';
import type { StoredEntity } from './rule-schema.ts';
import type { EntityRule } from './rule.ts';
import { selectorAdvice } from './selector-advice.ts';

/** `source` or `destination` of a rule; what cannot be honoured is noted in `reading`. */
export function readEntity(
  side: 'source' | 'destination',
  stored: StoredEntity,
  reading: RuleReading,
): EntityRule {
  if (stored.services !== undefined) {
    const message =
      'services cannot be resolved on a host (there is no Service data in etcd), so this rule never ' +
      'matches. Use nets, a selector or a GlobalNetworkSet instead.';
    neverMatch(reading, 'services-unsupported', `${side}.services`, message);
  }
  return {
    nets: readNets(`${side}.nets`, stored.nets, reading),
    notNets: readNets(`${side}.notNets`, stored.notNets, reading),
    ...readSelectors(side, stored, reading),
    ports: readPorts(`${side}.ports`, stored.ports, reading),
    notPorts: readPorts(`${side}.notPorts`, stored.notPorts, reading),
  };
}

function readNets(
  field: string,
  stored: readonly string[] | undefined,
  reading: RuleReading,
): readonly string[] | null {
  if (stored === undefined || stored.length === 0) return null;
  const nets: string[] = [];
  for (const [index, text] of stored.entries()) {
    const net = parseNet(text);
    if (net !== null) nets.push(net.text);
    else losePart(reading, 'net-invalid', `${field}[${index}]`, netAdvice(text));
  }
  return nets.length === stored.length ? nets : null;
}

type Selectors = Pick<EntityRule, 'selector' | 'notSelector' | 'positiveSelector'>;

function readSelectors(
  side: 'source' | 'destination',
  stored: StoredEntity,
  reading: RuleReading,
): Selectors {
  const rewritten = entitySelectors(
    {
      selector: stored.selector ?? '',
      notSelector: stored.notSelector ?? '',
      namespaceSelector: stored.namespaceSelector ?? '',
      serviceAccountNames: readServiceAccountNames(side, stored, reading),
      serviceAccountSelector: stored.serviceAccounts?.selector ?? '',
    },
    reading.namespace,
  );
  if (rewritten.ok) return combined(rewritten.value.positive, rewritten.value.negative);
  const field = `${side}.${rewritten.error.field}`;
  const advice = selectorAdvice(rewritten.error);
  // Calico has no limit: what goes beyond ours must not take the whole policy away.
  if (rewritten.error.text.length > MAX_LENGTH) {
    losePart(reading, 'selector-too-long', field, advice);
  } else refuseRule(reading, 'selector-invalid', field, advice);
  return combined(null, null);
}

function combined(positive: Selector | null, negative: Selector | null): Selectors {
  if (positive === null) return { selector: null, notSelector: negative, positiveSelector: null };
  const selector = negative === null ? positive : andSelectors(positive, notSelector(negative));
  return { selector, notSelector: null, positiveSelector: positive };
}

function readServiceAccountNames(
  side: 'source' | 'destination',
  stored: StoredEntity,
  reading: RuleReading,
): readonly string[] {
  const names = stored.serviceAccounts?.names ?? [];
  const bad = names.findIndex((name) => /['"]/.test(name));
  if (bad < 0) return names;
  const message = `${quoteText(names[bad] ?? '')} cannot be the name of a service account; take the quote out.`;
  losePart(reading, 'service-account-invalid', `${side}.serviceAccounts.names[${bad}]`, message);
  return [];
}
