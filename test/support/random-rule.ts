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
export const PORT_NAMES: readonly string[] = ['web', 'dns', 'metrics'];
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
  .constantFrom(
    'all()',
    "role == 'edge'",
    "role == 'web'",
    'has(zone)',
    "zone == 'a' && role == 'web'",
    '!has(role)',
    "zone in {'a', 'b'}",
    "role != 'web'",
  )
  .map(selectorOf);

/** Null three times out of four: rules with few conditions match. */
function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(arbitrary, { nil: null, freq: 4 / 3 });
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

// Numbers need a protocol with ports, names do without; other protocols have no ports at all.
function portLists(protocol: number | null): fc.Arbitrary<PortList | null> {
  if (protocol !== null && !PORTED.includes(protocol)) return fc.constant(null);
  const numeric = protocol === null ? fc.constant([]) : fc.array(ranges, { maxLength: 3 });
  const named = fc.uniqueArray(fc.constantFrom(...PORT_NAMES), { maxLength: 2 });
  return rarely(fc.record({ numeric, named })).map((list) =>
    list !== null && list.numeric.length + list.named.length > 0 ? list : null,
  );
}

function entities(protocol: number | null): fc.Arbitrary<EntityRule> {
  return fc
    .record({
      nets: rarely(nets),
      notNets: rarely(nets),
      positive: rarely(selectors),
      negative: rarely(selectors),
      ports: portLists(protocol),
      notPorts: portLists(protocol),
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

/** Rules as the resource room reads them, contradictory and never matching ones among them. */
export const rules: fc.Arbitrary<Rule> = fc
  .option(fc.constantFrom(6, 6, 17, 132, 1, 58, 253), { nil: null, freq: 2 })
  .chain((protocol) =>
    fc.record({
      action: actions,
      neverMatches: fc.oneof(
        { weight: 15, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.constant('it names a service') },
      ),
      ipVersion: ipVersions(protocol),
      protocol: fc.constant(protocol),
      notProtocol: rarely(fc.constantFrom(6, 17, 58)),
      icmp: protocol === 6 ? fc.constant(null) : rarely(icmpMatches),
      notICMP: rarely(icmpMatches),
      source: entities(protocol),
      destination: entities(protocol),
    }),
  );

function ipVersions(protocol: number | null): fc.Arbitrary<4 | 6 | null> {
  const explicit = rarely(fc.constantFrom(4 as const, 6 as const));
  if (protocol !== 1 && protocol !== 58) return explicit;
  return explicit.map((version) => version ?? (protocol === 1 ? 4 : 6));
}
