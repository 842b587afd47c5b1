import fc from 'fast-check';

const LONG = Number(process.env['RAMPART_FUZZ_CASES'] ?? 0);

/** How many cases a property is given: `short` in `npm test`, its share (of one) of RAMPART_FUZZ_CASES in a long run. */
export function cases(short: number, share: number): { readonly numRuns: number } {
  return { numRuns: LONG > 0 ? Math.ceil(LONG * share) : short };
}

// Longer than any case takes; shorter than a backtracking match or a quadratic loop on its input.
const LONGEST_CASE_MS = 2000;

/** Runs one case and throws when it takes suspiciously long. */
export function inTime<T>(run: () => T): T {
  const startedAt = performance.now();
  const result = run();
  const tookMs = performance.now() - startedAt;
  if (tookMs > LONGEST_CASE_MS) throw new Error(`one case took ${tookMs.toFixed(0)} ms`);
  return result;
}

/** What an attacker writes where a name is expected: the syntax of nft, of shells, of logs, and what is too long. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'a"; flush ruleset; add table inet owned; #',
    '"\n}\nflush ruleset\n',
    "x'; drop",
    '$(reboot)',
    '`id`',
    '@set',
    '*',
    'eth*',
    'eth\\*',
    'a\\"b',
    'a\u0000b',
    '../../etc/passwd',
    '\u001b[2J',
    '%n%s%p',
    '__proto__',
    'constructor',
    '🦊'.repeat(40),
    'x'.repeat(300),
    '-'.repeat(20),
    '# comment',
    'a b\tc',
    '{ }',
    'h-0123456789abcdef01234567',
  ),
  fc.string({ unit: 'binary', maxLength: 160 }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\n', ';', '{', '}', '*', '$', '@', '#', ' ', 'a', '/'),
  }),
);

/** Values that are wrong, odd or extreme somewhere. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    ...[null, '', 0, -1, 1.5, 65_536, 1e308, Number.MAX_SAFE_INTEGER, true],
    ...['all()', 'has(', '10.0.0.0/8', '::/0', '90:80', '0:65535', '1.2.3.4/33', 'fe80::1%eth0'],
    ...[[], {}, [null], [[]], { __proto__: null }],
  ),
);

/** The way to a spot of a document. */
export const picks: fc.Arbitrary<readonly number[]> = fc.array(fc.nat(1000), {
  minLength: 1,
  maxLength: 7,
});

/** The document with one spot replaced, removed or renamed. */
export function mutate(document: unknown, way: readonly number[], replacement: unknown): unknown {
  const [pick, ...rest] = way;
  if (pick === undefined || typeof document !== 'object' || document === null) return replacement;
  if (Array.isArray(document)) {
    const items: readonly unknown[] = document;
    const at = pick % Math.max(1, items.length);
    return items.map((item, index) => (index === at ? mutate(item, rest, replacement) : item));
  }
  const entries = Object.entries(document);
  const chosen = entries[pick % Math.max(1, entries.length)]?.[0];
  return Object.fromEntries(
    entries.flatMap(([key, value]): [string, unknown][] => {
      if (key !== chosen) return [[key, value]];
      if (pick % 13 === 0) return [];
      return [[pick % 11 === 0 ? key.toUpperCase() : key, mutate(value, rest, replacement)]];
    }),
  );
}
