import assert from 'node:assert/strict';
import {
  entitySelectors,
  globalPolicySelector,
  namespacedPolicySelector,
} from '../../src/resource/rewrite-selector.ts';
import type { EntitySelectors, PolicySelectors } from '../../src/resource/rewrite-selector.ts';
import { parseSelector } from '../../src/selector/parse.ts';

const NO_ENTITY: EntitySelectors = {
  selector: '',
  notSelector: '',
  namespaceSelector: '',
  serviceAccountNames: [],
  serviceAccountSelector: '',
};
const NO_POLICY: PolicySelectors = {
  selector: '',
  namespaceSelector: '',
  serviceAccountSelector: '',
};

function canonical(text: string): string {
  const result = parseSelector(text);
  assert.ok(result.ok, text);
  return result.value.text;
}

describe('entitySelectors', () => {
  const cases: readonly (readonly [Partial<EntitySelectors>, string, string | null])[] = [
    [{ selector: "app == 'x'" }, '', "app == 'x'"],
    [
      { namespaceSelector: "k == 'v'", selector: "app == 'x'" },
      '',
      `(pcns.k == "v") && (app == 'x')`,
    ],
    [
      { namespaceSelector: "!has(k) || (has(k) && !k in {'v'})" },
      '',
      '(!has(pcns.k) || (has(pcns.k) && !pcns.k in {"v"}))',
    ],
    [{ namespaceSelector: 'all()' }, '', 'has(projectcalico.org/namespace)'],
    [{ namespaceSelector: ' ' }, '', 'has(projectcalico.org/namespace)'],
    [{ namespaceSelector: 'all()' }, 'ns1', 'has(projectcalico.org/namespace)'],
    [{ namespaceSelector: 'global()' }, '', '!has(projectcalico.org/namespace)'],
    [
      { namespaceSelector: 'global()', selector: "zone == 'z'" },
      '',
      "(!has(projectcalico.org/namespace)) && (zone == 'z')",
    ],
    [
      { serviceAccountNames: ['b'], selector: "app == 'x'" },
      '',
      `(projectcalico.org/serviceaccount in {"b"}) && (app == 'x')`,
    ],
    [{ selector: "app == 'x'" }, 'ns1', "(projectcalico.org/namespace == 'ns1') && (app == 'x')"],
    [{ selector: '\t ' }, 'ns1', "(projectcalico.org/namespace == 'ns1') && (all())"],
    [{ notSelector: 'has(x)' }, 'ns1', "projectcalico.org/namespace == 'ns1'"],
    [{ notSelector: 'has(x)' }, '', null],
    [{}, 'ns1', null],
    [{}, '', null],
    [
      { serviceAccountNames: ['a', 'b'], serviceAccountSelector: "t == 'd'" },
      'ns1',
      `(projectcalico.org/namespace == 'ns1') && ((pcsa.t == "d") && (projectcalico.org/serviceaccount in {"a", "b"}))`,
    ],
    [{ serviceAccountSelector: 'all()' }, '', 'all()'],
    [{ namespaceSelector: "env != 'prod'" }, '', 'pcns.env != "prod"'],
    [{ namespaceSelector: "a == 'all()'" }, '', 'pcns.a == "has(projectcalico.org/namespace)"'],
  ];
  for (const [fields, namespace, expected] of cases) {
    it(`rewrites ${JSON.stringify(fields)} in namespace "${namespace}"`, () => {
      const result = entitySelectors({ ...NO_ENTITY, ...fields }, namespace);
      assert.ok(result.ok);
      assert.equal(
        result.value.positive?.text ?? null,
        expected === null ? null : canonical(expected),
      );
    });
  }

  it('never rewrites notSelector', () => {
    const result = entitySelectors({ ...NO_ENTITY, notSelector: 'has( x )' }, 'ns1');
    assert.equal(result.ok ? result.value.negative?.text : null, 'has(x)');
  });

  for (const [field, where] of [
    ['selector', 'selector'],
    ['notSelector', 'notSelector'],
    ['namespaceSelector', 'namespaceSelector'],
    ['serviceAccountSelector', 'serviceAccounts.selector'],
  ] as const) {
    it(`names ${where} when it is no selector`, () => {
      const result = entitySelectors({ ...NO_ENTITY, [field]: 'a = b' }, '');
      assert.equal(result.ok ? null : result.error.field, where);
    });
  }
});

describe('globalPolicySelector', () => {
  const cases: readonly (readonly [Partial<PolicySelectors>, string])[] = [
    [{}, 'all()'],
    [{ selector: ' ' }, 'all()'],
    [{ selector: "role == 'w'" }, 'role == "w"'],
    [
      {
        selector: 'role == "w"',
        namespaceSelector: "env == 'p'",
        serviceAccountSelector: "t == 'd'",
      },
      '((role == "w") && pcns.env == "p") && pcsa.t == "d"',
    ],
    [{ namespaceSelector: 'all()' }, 'has(projectcalico.org/namespace)'],
    [
      { selector: 'all()', namespaceSelector: 'all()' },
      '(has(projectcalico.org/namespace)) && has(projectcalico.org/namespace)',
    ],
    [
      { selector: 'all()', namespaceSelector: "env != 'p'" },
      '(has(projectcalico.org/namespace)) && pcns.env != "p"',
    ],
    [{ selector: 'has(role)', namespaceSelector: "env != 'p'" }, '(has(role)) && pcns.env != "p"'],
    [
      { selector: 'all()', serviceAccountSelector: "t == 'd'" },
      '(has(projectcalico.org/serviceaccount)) && pcsa.t == "d"',
    ],
    [
      { selector: "note == 'all()'", namespaceSelector: 'has(env)' },
      '(note == "has(projectcalico.org/namespace)") && has(pcns.env)',
    ],
    [{ selector: 'all( )', namespaceSelector: 'has(env)' }, '(all()) && has(pcns.env)'],
  ];
  for (const [fields, expected] of cases) {
    it(`rewrites ${JSON.stringify(fields)}`, () => {
      const result = globalPolicySelector({ ...NO_POLICY, ...fields });
      assert.equal(result.ok ? result.value.text : result.error.message, canonical(expected));
    });
  }

  it('does not take a text for a selector because it fits into parentheses', () => {
    const selector = 'has(a)) || (has(b)';
    const result = globalPolicySelector({ ...NO_POLICY, selector, namespaceSelector: 'has(c)' });
    assert.equal(result.ok ? null : result.error.field, 'selector');
  });
});

describe('namespacedPolicySelector', () => {
  const cases: readonly (readonly [Partial<PolicySelectors>, string])[] = [
    [{}, "projectcalico.org/namespace == 'ns1'"],
    [{ selector: ' ' }, "(all()) && projectcalico.org/namespace == 'ns1'"],
    [
      { selector: "tier == 'web'", serviceAccountSelector: 'all()' },
      "((tier == 'web') && projectcalico.org/namespace == 'ns1') && all()",
    ],
    [
      { serviceAccountSelector: 'has(team)' },
      "projectcalico.org/namespace == 'ns1' && has(pcsa.team)",
    ],
  ];
  for (const [fields, expected] of cases) {
    it(`rewrites ${JSON.stringify(fields)}`, () => {
      const result = namespacedPolicySelector({ ...NO_POLICY, ...fields }, 'ns1');
      assert.ok(result.ok);
      assert.equal(flat(result.value.text), flat(canonical(expected)));
    });
  }
});

// Whether a && b is nested in another && does not change what it selects.
function flat(text: string): string {
  return text.replaceAll(/[()]/g, '');
}
