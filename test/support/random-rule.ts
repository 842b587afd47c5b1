import fc from 'fast-check';
import type { EntityRule, PortList, Rule } from '../../src/resource/rule.ts';
import { andSelectors, notSelector } from '../../src/selector/combine.ts';
import { parseSelector } from '../../src/selector/parse.ts';
import type { Selector } from '../../src/selector/selector.ts';

/** Small pools, so that what is generated apart still meets. */
export const ADDRESSES: Readonly<Record<4 | 6, readonly string[]>> = {
  4: ['10.0.1.1', '10.0.1.2', '10.0.1.9', '10.0.2.50', '192.0.2.7'],
  6: ['fd00:1::1', 'fd00:1::2', 'fd00:1::9', 'fd00:2::50', '2001:db8::7'],
};
export const NETS: Readonly<Record<4 | 6, readonly string[]>> = {
  4: ['10.0.1.0/24', '10.0.0.0/8', '10.0.1.9/32', '192.0.2.0/25', '10.0.2.50/32', '0.0.0.0/0'],
  6: ['fd00:1::/64', 'fd00::/8', 'fd00:1::9/128', '2001:db8::/32', 'fd00:2::50/128', '::/0'],
};
export const PORTS: readonly number[] = [22, 53, 80, 443, 8055, 9000];
export const PORT_NAMES: readonly string[] = ['web', 'dns'];
/** TCP, UDP, SCTP: those with ports. */
export const PORTED: readonly number[] = [6, 17, 132];
export const ICMP_TYPES: readonly number[] = [0, 8, 13, 128, 130, 133, 135, 143];

/** A selector that is known to parse. */
export function selectorOf(text: string): Selector {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
  return parsed.value;
}

export const selectors: fc.Arbitrary<Selector> = fc
  .oneof(
    { weight: 2, arbitrary: fc.constant('all()') },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        "role == 'edge'",
        "role != 'web'",
        'has(zone)',
        "zone == 'a' && role == 'edge'",
        '!has(role)',
        "zone in {'a', 'b'}",
      ),
    },
  )
  .map(selectorOf);

/** Null nine times out of ten, or as often as `absent` says: rules with few conditions match. */
function rarely<T>(arbitrary: fc.Arbitrary<T>, absent = 9): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: absent, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
}

const nets = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.uniqueArray(fc.constantFrom(...NETS[4]), { minLength: 1, maxLength: 3 }),
  },
  {
    weight: 3,
    arbitrary: fc.uniqueArray(fc.constantFrom(...NETS[6]), { minLength: 1, maxLength: 3 }),
  },
  {
    weight: 2,
    arbitrary: fc.uniqueArray(fc.constantFrom(...NETS[4], ...NETS[6]), {
      minLength: 2,
      maxLength: 4,
    }),
  },
);

const ranges = fc
  .tuple(fc.constantFrom(...PORTS), fc.constantFrom(...PORTS))
  .chain(([a, b]) =>
    fc.constantFrom({ from: a, to: a }, { from: Math.min(a, b), to: Math.max(a, b) }),
  );

const noPorts = fc.constant<PortList | null>(null);
const named = fc.uniqueArray(fc.constantFrom(...PORT_NAMES), { maxLength: 2 });
const namedOnly = portLists(fc.constant([]), named);
const namedOrNumeric = portLists(fc.array(ranges, { maxLength: 3 }), named);

function portLists(
  numeric: fc.Arbitrary<PortList['numeric']>,
  names: fc.Arbitrary<PortList['named']>,
): fc.Arbitrary<PortList | null> {
  return rarely(fc.record({ numeric, named: names }), 2).map((list) =>
    list !== null && list.numeric.length + list.named.length > 0 ? list : null,
  );
}

function entities(ports: fc.Arbitrary<PortList | null>): fc.Arbitrary<EntityRule> {
  return fc
    .record({
      nets: rarely(nets),
      notNets: rarely(nets),
      positive: rarely(selectors, 4),
      negative: rarely(selectors),
      ports,
      notPorts: rarely(ports, 2),
    })
    .map(({ positive, negative, ...rest }) => ({ ...rest, ...combined(positive, negative) }));
}

function combined(
  positive: Selector | null,
  negative: Selector | null,
): Pick<EntityRule, 'selector' | 'notSelector' | 'positiveSelector'> {
  if (positive === null) return { selector: null, notSelector: negative, positiveSelector: null };
  const selector = negative === null ? positive : andSelectors(positive, notSelector(negative));
  return { selector, notSelector: null, positiveSelector: positive };
}

const icmpMatches = fc.record({
  type: fc.constantFrom(...ICMP_TYPES),
  code: fc.option(fc.constantFrom(0, 1), { nil: null }),
});

const actions = fc.oneof(
  { weight: 4, arbitrary: fc.constant('Allow' as const) },
  { weight: 3, arbitrary: fc.constant('Deny' as const) },
  { weight: 2, arbitrary: fc.constant('Pass' as const) },
  { weight: 1, arbitrary: fc.constant('Log' as const) },
);

const PROTOCOLS = [null, 6, 17, 132, 1, 58, 253] as const;
const byProtocol = new Map(PROTOCOLS.map((protocol) => [protocol, rulesOf(protocol)]));

/** Rules as the resource room reads them, contradictory and never matching ones among them. */
export const rules: fc.Arbitrary<Rule> = fc
  .constantFrom(null, null, null, 6, 6, 6, 17, ...PROTOCOLS)
  .chain((protocol) => byProtocol.get(protocol) ?? rulesOf(protocol));

// Numbers need a protocol with ports, names do without; other protocols have no ports at all.
function portsOf(protocol: number | null): fc.Arbitrary<PortList | null> {
  if (protocol === null) return rarely(namedOnly, 2);
  return PORTED.includes(protocol) ? namedOrNumeric : noPorts;
}

function rulesOf(protocol: number | null): fc.Arbitrary<Rule> {
  const entity = entities(portsOf(protocol));
  return fc.record({
    action: actions,
    neverMatches: rarely(fc.constant('it names a service'), 20),
    ipVersion: ipVersions(protocol),
    protocol: fc.constant(protocol),
    notProtocol: rarely(fc.constantFrom(6, 17, 58)),
    icmp: rarely(icmpMatches, protocol === 1 || protocol === 58 ? 1 : 20),
    notICMP: rarely(icmpMatches),
    source: entity,
    destination: entity,
  });
}

function ipVersions(protocol: number | null): fc.Arbitrary<4 | 6 | null> {
  const explicit = rarely(fc.constantFrom(4 as const, 6 as const));
  if (protocol !== 1 && protocol !== 58) return explicit;
  return explicit.map((version) => version ?? (protocol === 1 ? 4 : 6));
}
