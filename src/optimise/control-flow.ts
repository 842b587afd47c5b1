import type { Rule, Verdict } from '../ruleset/ruleset.ts';

/** Whether no packet gets past a rule: it matches always, and its verdict ends the chain. */
export function finalRule({ matches, statements }: Rule): boolean {
  return (
    matches.length === 0 &&
    statements.some((statement) => statement.kind === 'verdict' && endsChain(statement.verdict))
  );
}

/** Chains that a rule sends packets to. */
export function jumpTargets({ statements }: Rule): readonly string[] {
  return statements.flatMap((statement) => {
    if (statement.kind !== 'verdict') return [];
    const { verdict } = statement;
    if (verdict.kind === 'jump' || verdict.kind === 'goto') return [verdict.chain];
    return verdict.kind === 'dispatch' || verdict.kind === 'branch'
      ? [...verdict.chains.values()]
      : [];
  });
}

function endsChain(verdict: Verdict): boolean {
  switch (verdict.kind) {
    case 'accept':
    case 'drop':
    case 'reject':
    case 'return':
    case 'goto':
      return true;
    case 'jump':
    case 'dispatch':
    case 'branch':
      return false;
  }
}
