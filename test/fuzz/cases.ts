import fc from 'fast-check';

const LONG = Number(process.env['RAMPART_FUZZ_CASES'] ?? 0);

/** How many cases each suite is given in `npm test`, and its part of a thousand of RAMPART_FUZZ_CASES in a long run. */
export const SUITES = {
  'objects that are nearly right': [300, 130],
  'keys and bytes': [300, 290],
  'manifest files': [100, 8],
  'configuration files and environment': [150, 80],
  FelixConfiguration: [150, 80],
  selectors: [500, 280],
  'from bytes to rules': [100, 25],
  'requests of the local API': [200, 10],
  'bodies of the local API': [200, 47],
  'snapshots with damage': [300, 40],
  'snapshots of anything': [200, 8],
  'small files of the state directory': [100, 2],
} as const;

type Suite = keyof typeof SUITES;

/** How many cases a suite is given. */
export function casesOf(suite: Suite): number {
  const [short, perThousand] = SUITES[suite];
  return LONG > 0 ? Math.ceil((LONG * perThousand) / 1000) : short;
}

const ran = new Map<Suite, number>();

after('cases that were run', () => {
  const total = [...ran.values()].reduce((sum, number) => sum + number, 0);
  const lines = Array.from(ran, ([suite, number]) => `    ${suite}: ${number}`);
  process.stdout.write(`\n  fuzz: ${total} cases\n${lines.join('\n')}\n`);
});

/** Runs the property on as many cases as its suite is given, and counts them; throws what fast-check says of the smallest that fails. */
export function fuzz<T>(suite: Suite, property: fc.IProperty<T>): void {
  const numRuns = casesOf(suite);
  settle(suite, fc.check(property, { numRuns }), fc.defaultReportMessage);
}

/** The same for a property that takes its time. */
export async function fuzzLater<T>(suite: Suite, property: fc.IAsyncProperty<T>): Promise<void> {
  const numRuns = casesOf(suite);
  settle(suite, await fc.check(property, { numRuns }), fc.defaultReportMessage);
}

function settle<T>(
  suite: Suite,
  details: fc.RunDetails<T>,
  report: (details: fc.RunDetails<T>) => string | undefined,
): void {
  ran.set(suite, (ran.get(suite) ?? 0) + details.numRuns);
  if (details.failed) throw new Error(report(details), { cause: details.errorInstance });
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
