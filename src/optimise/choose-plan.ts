import { changesOf } from '../ruleset/derived-chains.ts';
import type { Chain, Rule, Ruleset } from '../ruleset/ruleset.ts';
import { BRANCH_POINTS } from './branch-point.ts';
import type { BranchPoint } from './branch-point.ts';
import { replaceKeys } from './key-blocks.ts';
import type { KeyChange } from './key-blocks.ts';
import { jumpOnly, subjectOf } from './reach.ts';
import { planOf } from './verdict-maps.ts';
import type { Plan, Stretch } from './verdict-maps.ts';

interface Choice {
  /** What the rules jumped into. */
  readonly chains: Ruleset['chains'];
  /** As `subjectOf` each rule. */
  readonly subjects: readonly (Rule | Chain)[];
  /** The branch point that tells so many rules apart that no other was tried; null: the best of all was taken. */
  readonly point: BranchPoint | null;
  readonly plan: Plan | null;
}

/** What was chosen last for the same rules. It follows from them and the subjects, so that anybody may use it. */
const choices = new WeakMap<readonly Rule[], Choice>();

/** More rules than this that changed at once are planned for anew. */
const MOST_CHANGES = 16;

/** The plan that costs a packet least; null when none is worth it. */
export function choosePlan(rules: readonly Rule[], chains: Ruleset['chains']): Plan | null {
  const known = choices.get(rules);
  const choice =
    (known === undefined ? null : follow(known, rules, chains)) ?? choose(rules, chains);
  choices.set(rules, choice);
  return choice.plan;
}

function choose(rules: readonly Rule[], chains: Ruleset['chains']): Choice {
  const subjects = rules.map((rule) => subjectOf(rule, chains));
  let best: Plan | null = null;
  for (const point of BRANCH_POINTS) {
    const plan = planOf(rules, subjects, point);
    if (plan.cost < (best?.cost ?? rules.length * 0.75)) best = plan;
    if (best === null || best.cost > rules.length / 8) continue;
    return { chains, subjects, point: point === BRANCH_POINTS[0] ? point : null, plan: best };
  }
  return { chains, subjects, point: null, plan: best };
}

// The choice for other chains, where it is the same but for keys that rules had to themselves; null: not so.
function follow(known: Choice, rules: readonly Rule[], chains: Ruleset['chains']): Choice | null {
  const changes = subjectChanges(known, rules, chains);
  if (changes.length === 0) return { ...known, chains };
  const { point, plan } = known;
  if (point === null || plan === null || changes.length > MOST_CHANGES) return null;
  const subjects = [...known.subjects];
  for (const { place, after } of changes) subjects[place] = after;
  const stretches: Stretch[] = [];
  let from = 0;
  for (const stretch of plan.stretches) {
    const to = from + stretch.rules.length;
    const inside = changes.filter(({ place }) => place >= from && place < to);
    const keys = inside.map(({ before, after }) => keyChange(point, before, after));
    const next = inside.length === 0 ? stretch : followStretch(stretch, keys);
    if (next === null) return null;
    stretches.push(next);
    from = to;
  }
  return { chains, subjects, point, plan: { ...plan, stretches } };
}

interface SubjectChange {
  readonly place: number;
  readonly before: Rule | Chain;
  readonly after: Rule | Chain;
}

// In the order of the rules, of which only those are looked at whose chains changed.
function subjectChanges(
  { chains: from, subjects }: Choice,
  rules: readonly Rule[],
  chains: Ruleset['chains'],
): readonly SubjectChange[] {
  const places = placesOf(rules);
  return changesOf(from, chains)
    .flatMap(({ name, after }) =>
      (places.get(name) ?? []).flatMap((place) => {
        const before = subjects[place];
        const subject = after ?? rules[place];
        return before === undefined || subject === undefined
          ? []
          : [{ place, before, after: subject }];
      }),
    )
    .sort((a, b) => a.place - b.place);
}

const places = new WeakMap<readonly Rule[], ReadonlyMap<string, readonly number[]>>();

// Where rules stand that do nothing but jump, by the chain.
function placesOf(rules: readonly Rule[]): ReadonlyMap<string, readonly number[]> {
  const known = places.get(rules);
  if (known !== undefined) return known;
  const byTarget = new Map<string, number[]>();
  for (const [place, rule] of rules.entries()) {
    const target = jumpOnly(rule);
    if (target === null) continue;
    const list = byTarget.get(target) ?? [];
    list.push(place);
    byTarget.set(target, list);
  }
  places.set(rules, byTarget);
  return byTarget;
}

function followStretch(stretch: Stretch, changes: readonly (KeyChange | null)[]): Stretch | null {
  const buckets = stretch.buckets && replaceKeys(stretch.buckets, changes);
  return buckets && { ...stretch, buckets };
}

function keyChange(
  point: BranchPoint,
  before: Rule | Chain,
  after: Rule | Chain,
): KeyChange | null {
  const [old, ...otherOld] = point.keysOf(before) ?? [];
  const [key, ...otherKeys] = point.keysOf(after) ?? [];
  const isOneEach = otherOld.length === 0 && otherKeys.length === 0;
  return old !== undefined && key !== undefined && isOneEach ? { before: old, after: key } : null;
}
