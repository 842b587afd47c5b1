/** What a selector says about one set of labels. */
export type Truth = readonly [labels: Readonly<Record<string, string>>, selected: boolean];

/** One input of the language: its canonical text and some truths, or the error it meets. */
export type Case =
  | {
      readonly input: string;
      readonly canonical: string;
      readonly truths?: readonly Truth[];
    }
  | { readonly input: string; readonly error: RegExp; readonly offset?: number };

const NO_LABELS = {};
const LONGEST_KEY = 'k'.repeat(512);

/** Calico's selector language by example; the names of the groups say which rule they show. */
export const CASES: Readonly<Record<string, readonly Case[]>> = {
  'blank texts': [
    {
      input: '',
      canonical: 'all()',
      truths: [
        [NO_LABELS, true],
        [{ zone: 'x' }, true],
      ],
    },
    { input: '   ', canonical: 'all()' },
    { input: '\t', canonical: 'all()' },
    { input: '\n', error: /line break/, offset: 0 },
    { input: 'zone ==\n"x"', error: /line break/, offset: 7 },
    { input: 'zone == "x"\r', error: /line break/, offset: 11 },
    { input: 'zone ==\u00a0"x"', error: /unexpected character/, offset: 7 },
  ],
  '==': [
    {
      input: "zone=='dmz'",
      canonical: 'zone == "dmz"',
      truths: [
        [{ zone: 'dmz' }, true],
        [{ zone: 'lan' }, false],
        [{ zone: 'DMZ' }, false],
        [NO_LABELS, false],
      ],
    },
    { input: 'zone = "dmz"', error: /expected "=="/, offset: 5 },
    { input: 'zone= ="dmz"', error: /expected "=="/, offset: 4 },
    { input: 'zone == dmz', error: /value in quotes was expected/, offset: 8 },
    { input: '"dmz" == zone', error: /label key was expected/, offset: 0 },
    { input: 'zone', error: /ends too early/, offset: 4 },
    { input: 'zone ', error: /ends too early/, offset: 5 },
    { input: 'zone ==', error: /value in quotes was expected/, offset: 7 },
    { input: 'zone tier', error: /operator was expected after the label key zone/, offset: 5 },
    { input: 'zone "dmz"', error: /operator was expected/, offset: 5 },
    {
      input: 'zone == ""',
      canonical: 'zone == ""',
      truths: [
        [NO_LABELS, false],
        [{ zone: '' }, true],
      ],
    },
  ],
  '!=': [
    {
      input: 'zone != "dmz"',
      canonical: 'zone != "dmz"',
      truths: [
        [{ zone: 'lan' }, true],
        [NO_LABELS, true],
        [{ zone: 'dmz' }, false],
      ],
    },
    {
      input: '!zone == "dmz"',
      canonical: '!zone == "dmz"',
      truths: [
        [{ zone: 'lan' }, true],
        [NO_LABELS, true],
        [{ zone: 'dmz' }, false],
      ],
    },
    {
      input: 'zone != ""',
      canonical: 'zone != ""',
      truths: [
        [NO_LABELS, true],
        [{ zone: '' }, false],
        [{ zone: 'x' }, true],
      ],
    },
  ],
  strings: [
    { input: `zone == "it's"`, canonical: `zone == "it's"`, truths: [[{ zone: "it's" }, true]] },
    {
      input: `zone == 'say "hi"'`,
      canonical: `zone == 'say "hi"'`,
      truths: [[{ zone: 'say "hi"' }, true]],
    },
    { input: 'zone == "a\\"b"', error: /expected "&&", "\|\|" or the end/, offset: 12 },
    { input: 'zone == "a\\"', canonical: 'zone == "a\\"', truths: [[{ zone: 'a\\' }, true]] },
    { input: 'zone == "a', error: /no closing "/, offset: 8 },
    { input: 'zone == \'a"', error: /no closing '/, offset: 8 },
    { input: 'zone == "a\'', error: /no closing "/, offset: 8 },
    { input: 'role == "rôle"', canonical: 'role == "rôle"', truths: [[{ role: 'rôle' }, true]] },
    { input: 'zone == "a\nb"', canonical: 'zone == "a\nb"', truths: [[{ zone: 'a\nb' }, true]] },
  ],
  'label keys': [
    { input: 'rôle == "x"', error: /unexpected character "ô"/, offset: 1 },
    { input: 'role:x == "y"', error: /unexpected character ":"/, offset: 4 },
    { input: 'acme.io/team/role == "x"', canonical: 'acme.io/team/role == "x"' },
    {
      input: '-x.y_z/9 == "x"',
      canonical: '-x.y_z/9 == "x"',
      truths: [[{ '-x.y_z/9': 'x' }, true]],
    },
    { input: '9 == "x"', canonical: '9 == "x"', truths: [[{ '9': 'x' }, true]] },
    { input: `${LONGEST_KEY} == "x"`, canonical: `${LONGEST_KEY} == "x"` },
    { input: `has(${LONGEST_KEY})`, canonical: `has(${LONGEST_KEY})` },
    { input: `${LONGEST_KEY}k == "x"`, error: /at most 512 bytes/, offset: 0 },
    { input: `has(${LONGEST_KEY}k)`, error: /at most 512 bytes/, offset: 4 },
    { input: `a == "b" && ${LONGEST_KEY}k == "x"`, error: /at most 512 bytes/, offset: 12 },
  ],
  'in and not in': [
    {
      input: 'tier in {"b","a","b"}',
      canonical: 'tier in {"a", "b"}',
      truths: [
        [{ tier: 'a' }, true],
        [{ tier: 'c' }, false],
        [NO_LABELS, false],
      ],
    },
    { input: 'tier in {"a","b",}', canonical: 'tier in {"a", "b"}' },
    {
      input: 'tier in {}',
      canonical: 'tier in {}',
      truths: [
        [{ tier: 'a' }, false],
        [{ tier: '' }, false],
        [NO_LABELS, false],
      ],
    },
    {
      input: 'tier not in {}',
      canonical: 'tier not in {}',
      truths: [
        [{ tier: 'a' }, true],
        [{ tier: '' }, true],
        [NO_LABELS, true],
      ],
    },
    { input: 'tier in {,}', error: /expected "}"/, offset: 9 },
    { input: 'tier in {"a" "b"}', error: /expected "}"/, offset: 13 },
    { input: 'tier in {"a",,"b"}', error: /expected "}"/, offset: 13 },
    { input: 'tier in {a}', error: /expected "}"/, offset: 9 },
    { input: 'tier in {"", ||', error: /expected "}"/, offset: 13 },
    { input: 'tier in {"a"', error: /ends too early/, offset: 12 },
    { input: 'tier in "a"', error: /a set such as/, offset: 8 },
    { input: 'tier in', error: /a set such as/, offset: 7 },
    { input: `tier in{'x',"y"}`, canonical: 'tier in {"x", "y"}' },
    { input: 'tier inx {"a"}', error: /operator was expected/, offset: 5 },
    ...['tier notin {"a"}', 'tier not  in {"a"}', 'tier not\tin{"a"}', 'tier not in {"a"}'].map(
      (input): Case => ({
        input,
        canonical: 'tier not in {"a"}',
        truths: [
          [NO_LABELS, true],
          [{ tier: 'b' }, true],
          [{ tier: 'a' }, false],
        ],
      }),
    ),
    { input: `tier not in {'"', "'", "c"}`, canonical: `tier not in {'"', "'", "c"}` },
    {
      input: 'tier in {"\u{1f600}", "\uffee", "z"}',
      canonical: 'tier in {"z", "\uffee", "\u{1f600}"}',
      truths: [[{ tier: '\u{1f600}' }, true]],
    },
    {
      input: '!tier in {"a"}',
      canonical: '!tier in {"a"}',
      truths: [
        [{ tier: 'b' }, true],
        [NO_LABELS, true],
        [{ tier: 'a' }, false],
      ],
    },
    { input: 'tier IN {"a"}', error: /operator was expected/, offset: 5 },
    { input: 'tier not', error: /operator was expected/, offset: 5 },
    { input: 'tier not (a)', error: /operator was expected/, offset: 5 },
    { input: 'tier not\nin {"a"}', error: /operator was expected/, offset: 5 },
  ],
  'operator words as label keys': [
    { input: 'in in {"in"}', canonical: 'in in {"in"}', truths: [[{ in: 'in' }, true]] },
    {
      input: 'not in {"x"}',
      canonical: 'not in {"x"}',
      truths: [
        [{ not: 'x' }, true],
        [{ not: 'y' }, false],
      ],
    },
    { input: 'notin in {"x"}', canonical: 'notin in {"x"}', truths: [[{ notin: 'x' }, true]] },
    {
      input: 'contains contains "contains"',
      canonical: 'contains contains "contains"',
      truths: [
        [{ contains: 'it contains' }, true],
        [{ contains: 'it' }, false],
      ],
    },
    {
      input: 'startswith starts with "v"',
      canonical: 'startswith starts with "v"',
      truths: [[{ startswith: 'v1' }, true]],
    },
    {
      input: 'has == "x"',
      canonical: 'has == "x"',
      truths: [
        [{ has: 'x' }, true],
        [NO_LABELS, false],
      ],
    },
    {
      input: 'all == "x"',
      canonical: 'all == "x"',
      truths: [
        [{ all: 'x' }, true],
        [NO_LABELS, false],
      ],
    },
    { input: 'global != "x"', canonical: 'global != "x"', truths: [[{ global: 'x' }, false]] },
  ],
  'contains, starts with, ends with': [
    {
      input: 'role contains"eb"',
      canonical: 'role contains "eb"',
      truths: [
        [{ role: 'web-1' }, true],
        [{ role: 'db' }, false],
        [NO_LABELS, false],
      ],
    },
    {
      input: 'role contains ""',
      canonical: 'role contains ""',
      truths: [
        [{ role: '' }, true],
        [{ role: 'x' }, true],
        [NO_LABELS, false],
      ],
    },
    { input: 'role contains web', error: /value in quotes/, offset: 14 },
    { input: 'role containsx "a"', error: /operator was expected/, offset: 5 },
    ...['role startswith "web"', 'role starts  with"web"', 'role starts\twith "web"'].map(
      (input): Case => ({
        input,
        canonical: 'role starts with "web"',
        truths: [
          [{ role: 'web-1' }, true],
          [{ role: 'xweb' }, false],
          [NO_LABELS, false],
        ],
      }),
    ),
    { input: 'role starts "web"', error: /operator was expected/, offset: 5 },
    { input: 'role startsWith "w"', error: /operator was expected/, offset: 5 },
    { input: 'role starts foo "w"', error: /operator was expected/, offset: 5 },
    {
      input: 'role endswith "01"',
      canonical: 'role ends with "01"',
      truths: [
        [{ role: 'db01' }, true],
        [{ role: '01db' }, false],
        [NO_LABELS, false],
      ],
    },
    { input: 'role endswithx "01"', error: /operator was expected/, offset: 5 },
  ],
  'has()': [
    {
      input: 'has( zone )',
      canonical: 'has(zone)',
      truths: [
        [{ zone: '' }, true],
        [NO_LABELS, false],
      ],
    },
    { input: 'has (zone)', error: /operator was expected/, offset: 4 },
    { input: 'Has(zone)', error: /operator was expected/, offset: 3 },
    { input: 'has("zone")', error: /without quotes/, offset: 4 },
    { input: 'has()', error: /one label key/, offset: 4 },
    { input: 'has(zone', error: /expected "\)"/, offset: 8 },
    { input: 'has(zone tier)', error: /expected "\)"/, offset: 9 },
    { input: 'has(zone) == "x"', error: /expected "&&"/, offset: 10 },
  ],
  'all() and global()': [
    { input: 'all( )', canonical: 'all()', truths: [[NO_LABELS, true]] },
    { input: '((all()))', canonical: 'all()' },
    { input: 'all', error: /operator was expected/, offset: 3 },
    { input: 'all ()', error: /operator was expected/, offset: 4 },
    { input: 'all(x)', error: /takes nothing/, offset: 4 },
    { input: 'ALL()', error: /operator was expected/, offset: 3 },
    { input: 'allx()', error: /operator was expected/, offset: 4 },
    { input: 'all(', error: /takes nothing/, offset: 4 },
    {
      input: 'global( )',
      canonical: 'global()',
      truths: [
        [NO_LABELS, true],
        [{ zone: 'x' }, true],
      ],
    },
    { input: 'global(x)', error: /takes nothing/, offset: 7 },
  ],
  negation: [
    { input: '!!has(zone)', canonical: 'has(zone)', truths: [[NO_LABELS, false]] },
    {
      input: '! ! !has(zone)',
      canonical: '!has(zone)',
      truths: [
        [NO_LABELS, true],
        [{ zone: '' }, false],
      ],
    },
    { input: '!(!has(zone))', canonical: 'has(zone)', truths: [[NO_LABELS, false]] },
    { input: '!all()', canonical: '!all()', truths: [[NO_LABELS, false]] },
    { input: '!', error: /ends too early/, offset: 1 },
    {
      input: '! (has( b)||! has(a ))',
      canonical: '!(has(b) || !has(a))',
      truths: [
        [{ a: '1' }, true],
        [{ a: '1', b: '1' }, false],
        [NO_LABELS, false],
      ],
    },
  ],
  parentheses: [
    { input: '()', error: /was expected/, offset: 1 },
    { input: ')', error: /was expected/, offset: 0 },
    { input: '(', error: /ends too early/, offset: 1 },
    { input: '(zone == "a"', error: /ends too early: expected "\)"/, offset: 12 },
    { input: 'zone == "a")', error: /expected "&&", "\|\|" or the end/, offset: 11 },
    { input: '((zone == "a"))', canonical: 'zone == "a"' },
    {
      input: '(has(a) && has(b)) && has(c)',
      canonical: '((has(a) && has(b)) && has(c))',
      truths: [
        [{ a: '', b: '', c: '' }, true],
        [{ a: '', b: '' }, false],
      ],
    },
    { input: 'has(a) && (has(b)) && has(c)', canonical: '(has(a) && has(b) && has(c))' },
  ],
  '&& and ||': [
    {
      input: 'zone == "a" && tier == "b" || env == "c"',
      canonical: '((zone == "a" && tier == "b") || env == "c")',
      truths: [
        [{ env: 'c' }, true],
        [{ zone: 'a' }, false],
        [{ zone: 'a', tier: 'b' }, true],
      ],
    },
    {
      input: 'zone == "a" || tier == "b" && env == "c"',
      canonical: '(zone == "a" || (tier == "b" && env == "c"))',
      truths: [
        [{ zone: 'a' }, true],
        [{ env: 'c' }, false],
        [{ tier: 'b', env: 'c' }, true],
      ],
    },
    { input: 'zone == "a" & tier == "b"', error: /expected "&&"/, offset: 12 },
    { input: 'zone == "a" | tier == "b"', error: /expected "\|\|"/, offset: 12 },
    { input: 'zone == "a" and tier == "b"', error: /expected "&&", "\|\|" or the end/, offset: 12 },
    { input: 'zone == "a" &&', error: /ends too early/, offset: 14 },
    { input: '&& zone == "a"', error: /was expected/, offset: 0 },
    { input: 'zone != ||', error: /value in quotes/, offset: 8 },
    { input: 'has(zone) &&', error: /ends too early/, offset: 12 },
    { input: 'has(a)&&has(b)||!has(c)', canonical: '((has(a) && has(b)) || !has(c))' },
    { input: 'zone == "a" zone == "b"', error: /expected "&&", "\|\|" or the end/, offset: 12 },
    { input: '%', error: /unexpected character "%"/, offset: 0 },
    { input: 'zone == "a" && %', error: /unexpected character "%"/, offset: 15 },
  ],
};
