import type { Policy, Profile } from '../policy/local-policy.ts';
import { chainReferences } from '../ruleset/references.ts';
import type { Chain, Rule } from '../ruleset/ruleset.ts';
import { objectName, ruleComment } from './names.ts';
import type { Direction } from './names.ts';
import { compileRuleList, policyRuleList, profileRuleList, verdict } from './policy-rules.ts';
import type { ActionStyle, RuleList } from './policy-rules.ts';
import type { SetNames } from './set-names.ts';
import type { CompileSettings } from './settings.ts';

/** A list of rules, and the chains that it was compiled to: one for each way in which its actions are carried out. */
export interface KnownList {
  readonly list: RuleList;
  readonly compiled: Map<string, SharedChain>;
}

/** A chain that serves all endpoints and stages in which its rules act alike. */
export interface SharedChain {
  readonly settings: CompileSettings;
  readonly chain: Chain;
  /** The rule that leads to the chain. */
  readonly jump: Rule;
  /** What the names of sets meant when it was compiled. */
  meaning: object;
}

type Lists<Owner extends object> = Readonly<Record<Direction, WeakMap<Owner, KnownList>>>;

const policies: Lists<Policy> = { ingress: new WeakMap(), egress: new WeakMap() };
const profiles: Lists<Profile> = { ingress: new WeakMap(), egress: new WeakMap() };

/** The rules of a policy for one direction: the same object for the same policy. */
export function listOfPolicy(policy: Policy, direction: Direction): KnownList {
  return listOf(policies, policy, direction, policyRuleList);
}

/** The same for a profile. */
export function listOfProfile(profile: Profile, direction: Direction): KnownList {
  return listOf(profiles, profile, direction, profileRuleList);
}

function listOf<Owner extends object>(
  lists: Lists<Owner>,
  owner: Owner,
  direction: Direction,
  read: (owner: Owner, direction: Direction) => RuleList,
): KnownList {
  const known = lists[direction].get(owner);
  if (known !== undefined) return known;
  const list = { list: read(owner, direction), compiled: new Map<string, SharedChain>() };
  lists[direction].set(owner, list);
  return list;
}

/** How a chain is compiled, and what sets are called. */
export interface SharedContext {
  readonly settings: CompileSettings;
  readonly names: SetNames;
}

/** The chain of a list. It is compiled again only when its rules, the settings or the kind of a set it uses changed. */
export function sharedChain(
  { list, compiled }: KnownList,
  style: ActionStyle,
  { settings, names }: SharedContext,
): SharedChain {
  const variant = variantOf(style, settings);
  const known = compiled.get(variant);
  if (known?.settings === settings && isCurrent(known, names)) return known;
  const prefix = isDropOnly(style, settings) ? 'drop-' : '';
  const name = objectName(`${prefix}${list.direction}`, ...list.nameParts);
  const chain = { name, base: null, rules: compileRuleList(list, style, names, settings) };
  const jump = jumpRule(name, list.nameParts.join(' '));
  const shared = { settings, chain, meaning: names.meaning, jump };
  compiled.set(variant, shared);
  return shared;
}

/** A rule that does nothing but jump. */
export function jumpRule(chain: string, comment: string): Rule {
  return {
    comment: ruleComment(comment),
    matches: [],
    statements: [verdict({ kind: 'jump', chain })],
  };
}

const DROP_ONLY: Readonly<Record<ActionStyle['stage'], string>> = {
  untracked: 'untracked, drop',
  preDNAT: 'preDNAT, drop',
  filter: 'filter, drop',
};

function variantOf(style: ActionStyle, settings: CompileSettings): string {
  return isDropOnly(style, settings) ? DROP_ONLY[style.stage] : style.stage;
}

// Where the kernel refuses reject, rules that deny are others than elsewhere.
function isDropOnly({ deny }: ActionStyle, { denyAction }: CompileSettings): boolean {
  return deny === 'drop' && denyAction === 'Reject';
}

function isCurrent(shared: SharedChain, names: SetNames): boolean {
  if (shared.meaning === names.meaning) return true;
  if (!names.areCurrent(chainReferences(shared.chain).sets)) return false;
  shared.meaning = names.meaning;
  return true;
}
