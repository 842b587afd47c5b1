import { chainReferences } from '../ruleset/references.ts';
import type { Chain, Match, Rule, Ruleset, Statement } from '../ruleset/ruleset.ts';
import { hasAllMarks, marksOf, setMark } from './marks.ts';
import type { Marks } from './marks.ts';
import { wouldDenyCounter } from './names.ts';
import { verdict } from './policy-rules.ts';

const observed = new WeakMap<Ruleset['chains'], Pick<Ruleset, 'chains' | 'counters'>>();

/**
 * The ruleset of a host that observes: nothing in it denies. A packet that the given ruleset would deny is counted
 * as such, and accepted by the hook that it is in; both mark bits together say so to the hooks that follow, which
 * ask nothing more about it, so that it is counted once. Over the loopback device a packet comes in as another one.
 */
export function observeRuleset(ruleset: Ruleset, markMask: number): Ruleset {
  const known = observed.get(ruleset.chains) ?? observeChains(ruleset, marksOf(markMask));
  observed.set(ruleset.chains, known);
  return { ...known, sets: ruleset.sets };
}

function observeChains(
  { chains, counters }: Ruleset,
  marks: Marks,
): Pick<Ruleset, 'chains' | 'counters'> {
  const all = [...chains.values()].map((chain) => withEntry(observeChain(chain, marks), marks));
  const used = all.flatMap((chain) => [...chainReferences(chain).counters]);
  return {
    chains: new Map(all.map((chain) => [chain.name, chain])),
    // Counters of denials stay: what they hold is part of totals.
    counters: new Set([...counters, ...used]),
  };
}

const observedChains = new WeakMap<Chain, { readonly marks: string; readonly chain: Chain }>();

function observeChain(chain: Chain, marks: Marks): Chain {
  if (!chain.rules.some(denies)) return chain;
  const key = `${marks.allowed} ${marks.settled}`;
  const known = observedChains.get(chain);
  if (known?.marks === key) return known.chain;
  const letPass = [setMark(marks.allowed | marks.settled), verdict({ kind: 'accept' })];
  const rules = chain.rules.map((rule) =>
    denies(rule)
      ? { ...rule, statements: [...rule.statements.flatMap(counted), ...letPass] }
      : rule,
  );
  const result = { ...chain, rules };
  observedChains.set(chain, { marks: key, chain: result });
  return result;
}

function denies({ statements }: Rule): boolean {
  return statements.some(
    (one) =>
      one.kind === 'verdict' && (one.verdict.kind === 'drop' || one.verdict.kind === 'reject'),
  );
}

// The other base chains let pass what an earlier stage has marked, as they do for allowed packets. In the first
// forward chain that has to come before the mark of all forwarded packets, which would make one of the other.
function withEntry(chain: Chain, marks: Marks): Chain {
  const rules = entryRules(chain.name, marks);
  return rules.length === 0 ? chain : { ...chain, rules: [...rules, ...chain.rules] };
}

function entryRules(chain: string, marks: Marks): readonly Rule[] {
  const both = hasAllMarks(marks);
  switch (chain) {
    case 'filter-forward':
      return [
        pass('allowed, or would be denied, by an earlier stage', [
          { kind: 'mark', mask: marks.allowed, value: marks.allowed },
        ]),
      ];
    case 'filter-forward-egress':
      return [pass('would be denied by an earlier stage', [both])];
    default:
      return [];
  }
}

function counted(statement: Statement): readonly Statement[] {
  if (statement.kind === 'verdict') return [];
  if (statement.kind !== 'counter') return [statement];
  return [{ kind: 'counter', name: wouldDenyCounter(statement.name) }];
}

function pass(comment: string, matches: readonly Match[]): Rule {
  return { comment, matches, statements: [verdict({ kind: 'accept' })] };
}
