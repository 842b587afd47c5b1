import type { MembersRecord, ObjectChange, RulesRecord } from '../report/history.ts';
import type { DigestRule, PolicyDigest } from './policy-digest.ts';

/** What is remembered of a digest: enough to say what the next one changes. */
export interface KnownPolicy {
  readonly hash: string;
  readonly policies: readonly (readonly [name: string, hash: string])[];
  readonly rules: readonly string[];
}

/** A turn as far as history is concerned. */
export interface Moment {
  readonly at: string;
  readonly revision: number;
  readonly objects: readonly ObjectChange[];
}

// A record stays small, whatever happened.
const MOST_RULES = 100;
const MOST_OBJECTS = 50;
const MOST_SETS = 50;

export function knownOf({ hash, policies, rules }: PolicyDigest): KnownPolicy {
  return { hash, policies: policies.map((one) => [one.name, one.hash]), rules: rules.map(words) };
}

/** What came into force and what went, as a record. */
export function rulesRecord(before: KnownPolicy, after: KnownPolicy, moment: Moment): RulesRecord {
  const [old, present] = [new Map(before.policies), new Map(after.policies)];
  const changed = after.policies.filter(([name, hash]) => old.get(name) !== hash);
  const gone = before.policies.filter(([name]) => !present.has(name));
  return {
    kind: 'rules',
    ...moment,
    objects: moment.objects.slice(0, MOST_OBJECTS),
    policyHash: after.hash,
    policies: [
      ...changed.map(([name, hash]) => ({ name, hash })),
      ...gone.map(([name]) => ({ name, hash: null })),
    ].slice(0, MOST_RULES),
    rulesAdded: missing(after.rules, before.rules),
    rulesRemoved: missing(before.rules, after.rules),
  };
}

/** The objects of several turns, each with what became of it last. */
export function joinObjects(
  before: readonly ObjectChange[],
  after: readonly ObjectChange[],
): readonly ObjectChange[] {
  const objects = new Map([...before, ...after].map((one) => [one.name, one]));
  return [...objects.values()].slice(0, MOST_OBJECTS);
}

/** A record of a turn in which only sets changed, joined to the one that is waiting. */
export function membersRecord(
  waiting: MembersRecord | null,
  moment: Moment,
  sets: MembersRecord['sets'],
): MembersRecord {
  const joined = new Map(waiting?.sets.map((one) => [one.description, one]));
  for (const { description, before, after } of sets)
    joined.set(description, {
      description,
      before: joined.get(description)?.before ?? before,
      after,
    });
  return {
    kind: 'members',
    ...moment,
    objects: joinObjects(waiting?.objects ?? [], moment.objects),
    turns: (waiting?.turns ?? 0) + 1,
    sets: [...joined.values()].slice(0, MOST_SETS),
  };
}

function words({ policy, direction, action, text }: DigestRule): string {
  return `${policy} ${direction}: ${action} ${text}`;
}

function missing(from: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  const found = from.filter((one) => !known.has(one));
  if (found.length <= MOST_RULES) return found;
  return [...found.slice(0, MOST_RULES), `and ${found.length - MOST_RULES} more`];
}
