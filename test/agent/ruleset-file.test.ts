import assert from 'node:assert/strict';
import fc from 'fast-check';
import { heldRules, isHeld } from '../../src/agent/held-rules.ts';
import { formatRuleset, parseRuleset } from '../../src/agent/ruleset-file.ts';
import { rulesetHash } from '../../src/ruleset/canonical.ts';
import { fixedElements } from '../../src/ruleset/element-set.ts';
import type { Chain, Ruleset } from '../../src/ruleset/ruleset.ts';

describe('rules to go back to, as a file', () => {
  it('are read back as they were', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.ipV4()), fc.uniqueArray(fc.nat(9)), (addresses, ports) => {
        const saved = ruleset(addresses, ports);
        const read = parseRuleset([...formatRuleset(saved)].join(''));
        assert.equal(rulesetHash(read), rulesetHash(saved));
        assert.deepEqual(read.chains, saved.chains);
      }),
    );
  });

  it('come in pieces that keep nobody waiting, however many members a set has', () => {
    const addresses = Array.from({ length: 20_000 }, (_, i) => `fd00::${i.toString(16)}`);
    const pieces = [...formatRuleset(ruleset(addresses, [1]))];
    assert.ok(Math.max(...pieces.map((piece) => piece.length)) < 64 * 1024);
    assert.equal(parseRuleset(pieces.join('')).sets.get('s')?.elements.size, 20_000);
  });

  it('are refused when a part is missing', () => {
    const text = [...formatRuleset(ruleset(['10.0.0.1'], [1]))].join('');
    assert.throws(() => parseRuleset(text.slice(0, -3)));
  });
});

describe('rules that are held', () => {
  it('are the same whatever their sets hold, where the rules themselves were bad', () => {
    const held = heldRules(ruleset(['10.0.0.1'], [1]), ruleset(['10.0.0.1'], [2]));
    assert.equal(isHeld(held, ruleset(['10.0.0.2'], [1])), true);
    assert.equal(isHeld(held, ruleset(['10.0.0.1'], [3])), false);
  });

  it('are told by their members where only these were bad', () => {
    const held = heldRules(ruleset(['10.0.0.1'], [1]), ruleset(['10.0.0.9'], [1]));
    assert.equal(isHeld(held, ruleset(['10.0.0.1'], [1])), true);
    assert.equal(isHeld(held, ruleset(['10.0.0.2'], [1])), false);
  });
});

function ruleset(addresses: readonly string[], ports: readonly number[]): Ruleset {
  const chains = new Map(ports.map((port) => [`target-${port}`, `c${port}`]));
  const dispatch: Chain = {
    name: 'dispatch',
    base: { hook: 'input', priority: 0 },
    rules: [
      {
        comment: 'by interface',
        matches: [
          {
            kind: 'port',
            side: 'dport',
            negated: false,
            ports: ports.map((port) => ({ from: port, to: port })),
          },
        ],
        statements: [{ kind: 'verdict', verdict: { kind: 'dispatch', key: 'iifname', chains } }],
      },
    ],
  };
  const set = { name: 's', family: 4, kind: 'hash', elements: fixedElements(addresses) } as const;
  return {
    chains: new Map([[dispatch.name, dispatch]]),
    sets: new Map([[set.name, set]]),
    counters: new Set(['one', 'two']),
  };
}
