import assert from 'node:assert/strict';
import { parseSelector } from '../../src/selector/parse.ts';

const HINTS: Readonly<Record<string, string | null>> = {
  // Kubernetes' label selectors.
  'environment = production': 'environment == "production"',
  'tier != frontend': 'tier != "frontend"',
  'a == b': 'a == "b"',
  'environment in (production, qa)': 'environment in {"production", "qa"}',
  'tier notin (frontend, backend)': 'tier not in {"frontend", "backend"}',
  partition: 'has(partition)',
  '!partition': '!has(partition)',
  'a=b,c=d': 'a == "b" && c == "d"',
  'a=b,c in (d, e),!f': 'a == "b" && c in {"d", "e"} && !has(f)',
  // Logic in words, or half written.
  'zone == "a" & tier == "b"': 'zone == "a" && tier == "b"',
  'zone == "a" | tier == "b"': 'zone == "a" || tier == "b"',
  'zone == "a" and tier == "b"': 'zone == "a" && tier == "b"',
  'zone == "a" OR not has(tier)': 'zone == "a" || !has(tier)',
  'not (zone == "a" or b)': '!(zone == "a" || has(b))',
  // Operators.
  'zone === "a"': 'zone == "a"',
  'zone <> "a"': 'zone != "a"',
  'zone is not a': 'zone != "a"',
  'zone is a': 'zone == "a"',
  'zone: a': 'zone == "a"',
  'tier IN {"a"}': 'tier in {"a"}',
  'tier NOT IN {"a"}': 'tier not in {"a"}',
  'role startsWith "w"': 'role starts with "w"',
  'role endsWith w': 'role ends with "w"',
  'role Contains w': 'role contains "w"',
  // Sets.
  'tier in {a}': 'tier in {"a"}',
  'tier in ["a", b]': 'tier in {"a", "b"}',
  'tier in "a"': 'tier in {"a"}',
  'tier in a': 'tier in {"a"}',
  'tier in ()': 'tier in {}',
  // Calls.
  'has (zone)': 'has(zone)',
  'Has(zone)': 'has(zone)',
  'has("zone")': 'has(zone)',
  'not has(zone) &&all ()': '!has(zone) && all()',
  all: 'all()',
  'ALL()': 'all()',
  'Global()': 'global()',
  // Quotes and blanks.
  'zone == “dmz”': 'zone == "dmz"',
  'zone == ‘it"s’': `zone == 'it"s'`,
  '"dmz" == zone': 'zone == "dmz"',
  'zone == "a"\n&& has(b)': 'zone == "a" && has(b)',
  // A key named like an operator word stays a key.
  'not = x': 'not == "x"',
  'in = x': 'in == "x"',
  // No good guess.
  'zone tier': null,
  'zone "dmz"': null,
  'zone == "a': null,
  'zone ==': null,
  'has(a b': null,
  'has(zone': null,
  'all(x)': null,
  '(a': null,
  'a, ': null,
  'tier in {"a" "b"}': null,
  'rôle == "x"': null,
  '%': null,
  '"a" in {"b"}': null,
  '()': null,
};

describe('the hint of parseSelector', () => {
  for (const [text, expected] of Object.entries(HINTS)) {
    const title =
      expected === null
        ? `is silent about ${JSON.stringify(text)}`
        : `turns ${JSON.stringify(text)} into ${expected}`;
    it(title, () => {
      const parsed = parseSelector(text);
      assert.ok(!parsed.ok);
      assert.equal(parsed.error.hint, expected);
      if (expected !== null) assert.ok(parseSelector(expected).ok);
    });
  }

  it('is silent about texts too long to read', () => {
    const parsed = parseSelector('a = b,'.repeat(400) + 'a = b');
    assert.ok(!parsed.ok);
    assert.equal(parsed.error.hint, null);
  });

  it('counts nesting, not parentheses', () => {
    const parsed = parseSelector('(a),'.repeat(300) + '(a)');
    assert.ok(!parsed.ok);
    assert.equal(parsed.error.hint, '(has(a)) && '.repeat(300) + '(has(a))');
  });

  it('is silent about nesting too deep to read', () => {
    const parsed = parseSelector('('.repeat(900) + 'a' + ')'.repeat(900));
    assert.ok(!parsed.ok);
    assert.equal(parsed.error.hint, null);
  });
});
