import type { Chain, Rule, Ruleset } from '../ruleset/ruleset.ts';
import { BRANCH_POINTS } from './branch-point.ts';
import type { BranchPoint } from './branch-point.ts';
import { replaceKeys } from './key-blocks.ts';
import type { KeyChange } from './key-blocks.ts';
import { jumpOnly } from './reach.ts';
import { planOf } from './verdict-maps.ts';
import type { Plan, Stretch } from './verdict-maps.ts';

interface Choice {
  readonly subjects: readonly (Rule | Chain)[];
  /** The branch point that tells so many rules apart that no other was tried; null: the best of all was taken. */
  readonly point: BranchPoint | null;
  readonly plan: Plan | null;
}

/** What was chosen last for the same rules. It follows from them and the subjects, so that anybody may use it. */
const choices = new WeakMap<readonly Rule[], Choice>();
const targets = new WeakMap<readonly Rule[], readonly (string | null)[]>();

/** More rules than this that changed at once are planned for anew. */
const MOST_CHANGES = 16;

/** The plan that costs a packet least; null when none is worth it. */
export function choosePlan(rules: readonly Rule[], chains: Ruleset['chains']): Plan | null {
  const subjects = subjectsOf(rules, chains);
  const known = choices.get(rules);
  const choice = (known === undefined ? null : follow(known, subjects)) ?? choose(rules, subjects);
  choices.set(rules, choice);
  return choice.plan;
}

// As `subjectOf` each, without a look at rules that are known.
function subjectsOf(rules: readonly Rule[], chains: Ruleset['chains']): readonly (Rule | Chain)[] {
  const names = targets.get(rules) ?? rules.map(jumpOnly);
  targets.set(rules, names);
  return rules.map((rule, i) => chains.get(names[i] ?? '') ?? rule);
}

function choose(rules: readonly Rule[], subjects: Choice['subjects']): Choice {
  let best: Plan | null = null;
  for (const point of BRANCH_POINTS) {
    const plan = planOf(rules, subjects, point);
    if (plan.cost < (best?.cost ?? rules.length * 0.75)) best = plan;
    if (best === null || best.cost > rules.length / 8) continue;
    return { subjects, point: point === BRANCH_POINTS[0] ? point : null, plan: best };
  }
  return { subjects, point: null, plan: best };
}

// The choice for other subjects, where it is the same but for keys that rules had to themselves; null: not so.
function follow(known: Choice, subjects: Choice['subjects']): Choice | null {
  const changes = [...subjects.keys()].filter((i) => known.subjects[i] !== subjects[i]);
  if (changes.length === 0) return known;
  const { point, plan } = known;
  if (point === null || plan === null || changes.length > MOST_CHANGES) return null;
  const changeAt = (i: number): KeyChange | null =>
    keyChange(point, known.subjects[i], subjects[i]);
  const stretches: Stretch[] = [];
  let from = 0;
  for (const stretch of plan.stretches) {
    const to = from + stretch.rules.length;
    const inside = changes.filter((i) => i >= from && i < to);
    const next = inside.length === 0 ? stretch : followStretch(stretch, inside.map(changeAt));
    if (next === null) return null;
    stretches.push(next);
    from = to;
  }
  return { subjects, point, plan: { ...plan, stretches } };
}

function followStretch(stretch: Stretch, changes: readonly (KeyChange | null)[]): Stretch | null {
  const buckets = stretch.buckets && replaceKeys(stretch.buckets, changes);
  return buckets && { ...stretch, buckets };
}

function keyChange(
  point: BranchPoint,
  before: Rule | Chain | undefined,
  after: Rule | Chain | undefined,
): KeyChange | null {
  const [old, ...otherOld] = (before && point.keysOf(before)) ?? [];
  const [key, ...otherKeys] = (after && point.keysOf(after)) ?? [];
  const isOneEach = otherOld.length === 0 && otherKeys.length === 0;
  return old !== undefined && key !== undefined && isOneEach ? { before: old, after: key } : null;
}
