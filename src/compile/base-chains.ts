import type { BaseHook, Chain, Match, Rule, Statement, Verdict } from '../ruleset/ruleset.ts';
import { clearMarks, hasMark, setMark } from './marks.ts';
import type { Marks } from './marks.ts';
import { verdict } from './policy-rules.ts';

/** Chains to go to, by interface, and for all interfaces without an entry. */
export interface Dispatch {
  readonly byInterface: ReadonlyMap<string, string>;
  readonly otherwise: string | null;
}

/** Where the base chains send packets. */
export interface Dispatches {
  readonly untrackedIngress: Dispatch;
  readonly untrackedEgress: Dispatch;
  readonly preDNAT: Dispatch;
  readonly localIngress: Dispatch;
  readonly localEgress: Dispatch;
  /** For packets of this host that were DNATed on this host. */
  readonly localEgressAfterDNAT: Dispatch;
  readonly forwardIngress: Dispatch;
  readonly forwardEgress: Dispatch;
}

/** What the base chains need to know besides. */
export interface BaseOptions {
  readonly marks: Marks;
  readonly ipv6Support: boolean;
}

/**
 * The hooks of the table, at Calico's priorities. `accept` ends one base chain and not the packet: so the
 * forward hook has two, ingress policy at 0 and egress policy at 1, and an allow in the first is judged
 * by the second without any state in between.
 */
const HOOKS = {
  'raw-prerouting': { hook: 'prerouting', priority: -300 },
  'raw-output': { hook: 'output', priority: -300 },
  'mangle-prerouting': { hook: 'prerouting', priority: -150 },
  'filter-input': { hook: 'input', priority: 0 },
  'filter-forward': { hook: 'forward', priority: 0 },
  'filter-forward-egress': { hook: 'forward', priority: 1 },
  'filter-output': { hook: 'output', priority: 0 },
  'mangle-postrouting': { hook: 'postrouting', priority: -150 },
} as const satisfies Readonly<Record<string, BaseHook>>;

/** The base chains, all of them always there: a hook that comes and goes costs more than an empty one. */
export function baseChains(to: Dispatches, { marks, ipv6Support }: BaseOptions): readonly Chain[] {
  const rules: Readonly<Record<keyof typeof HOOKS, readonly Rule[]>> = {
    'raw-prerouting': [forgetMarks(marks), ...dispatch(to.untrackedIngress, 'iifname')],
    'raw-output': [forgetMarks(marks), ...dispatch(to.untrackedEgress, 'oifname')],
    'mangle-prerouting': whenUsed(to.preDNAT, [
      ESTABLISHED,
      alreadyAllowed(marks),
      ...dispatch(to.preDNAT, 'iifname'),
    ]),
    'filter-input': whenUsed(to.localIngress, [
      ESTABLISHED,
      alreadyAllowed(marks),
      ...dispatch(to.localIngress, 'iifname'),
    ]),
    'filter-forward': [
      settle(marks),
      ...whenUsed(to.forwardIngress, [
        ESTABLISHED,
        alreadyAllowed(marks),
        ...dispatch(to.forwardIngress, 'iifname'),
      ]),
    ],
    'filter-forward-egress': whenUsed(to.forwardEgress, [
      ESTABLISHED,
      ...dispatch(to.forwardEgress, 'oifname'),
    ]),
    'filter-output': whenUsed(to.localEgress, [
      ESTABLISHED,
      alreadyAllowed(marks),
      leaveToPostrouting,
      settle(marks),
      ...dispatch(to.localEgress, 'oifname'),
    ]),
    'mangle-postrouting': whenUsed(to.localEgressAfterDNAT, [
      ESTABLISHED,
      alreadyAllowed(marks),
      alreadySettled(marks),
      ...dispatch(to.localEgressAfterDNAT, 'oifname', [{ kind: 'ct-status-dnat' }]),
    ]),
  };
  return Object.entries(HOOKS).map(([name, base]) => ({
    name,
    base,
    rules: [...(ipv6Support ? [] : [LEAVE_IPV6_ALONE]), ...rules[name as keyof typeof HOOKS]],
  }));
}

/** Whether packets are sent to the same chains. */
export function sameDispatches(a: Dispatches, b: Dispatches): boolean {
  return (Object.keys(a) as (keyof Dispatches)[]).every((hook) => sameDispatch(a[hook], b[hook]));
}

function sameDispatch(a: Dispatch, b: Dispatch): boolean {
  if (a.otherwise !== b.otherwise || a.byInterface.size !== b.byInterface.size) return false;
  for (const [name, chain] of a.byInterface) if (b.byInterface.get(name) !== chain) return false;
  return true;
}

const LEAVE_IPV6_ALONE = rule('IPv6 is not policed', [{ kind: 'family', family: 6 }], accept());

// A policy change never touches a connection that is open, and replies need no rule of their own.
const ESTABLISHED = rule(
  'established',
  [{ kind: 'ct-state', states: ['established', 'related'] }],
  accept(),
);

// A locally generated packet keeps its old output interface until postrouting when it is DNATed. Only the
// positive test works: a negated one never matches packets without a conntrack entry.
const leaveToPostrouting = rule(
  'DNATed here: judged in postrouting',
  [{ kind: 'ct-status-dnat' }],
  accept(),
);

// The mark survives the loopback device, so both first hooks have to forget it.
function forgetMarks(marks: Marks): Rule {
  return rule('forget earlier state', [], clearMarks(marks));
}

function alreadyAllowed({ allowed }: Marks): Rule {
  return rule('allowed by an earlier stage', [hasMark(allowed)], accept());
}

function alreadySettled({ settled }: Marks): Rule {
  return rule('forwarded, or judged in output', [hasMark(settled)], accept());
}

function settle({ settled }: Marks): Rule {
  return rule('not for postrouting', [], setMark(settled));
}

function whenUsed({ byInterface, otherwise }: Dispatch, rules: readonly Rule[]): readonly Rule[] {
  return byInterface.size === 0 && otherwise === null ? [] : rules;
}

// A name that is another one costs some 8 ns, a map some 60 (docs/adr/0005).
const FEW_INTERFACES = 4;

function dispatch(
  { byInterface, otherwise }: Dispatch,
  key: 'iifname' | 'oifname',
  matches: readonly Match[] = [],
): readonly Rule[] {
  const rules = byInterface.size > FEW_INTERFACES ? [byMap()] : Array.from(byInterface, oneByOne);
  if (otherwise === null) return rules;
  return [...rules, rule('all other interfaces', matches, go({ kind: 'goto', chain: otherwise }))];

  function byMap(): Rule {
    const verdict = { kind: 'dispatch', key, chains: byInterface } as const;
    return rule('host endpoints by interface', matches, go(verdict));
  }

  function oneByOne([name, chain]: readonly [string, string]): Rule {
    const comment = 'host endpoint of this interface';
    return rule(comment, [...matches, { kind: key, names: [name] }], go({ kind: 'goto', chain }));
  }
}

function accept(): Statement {
  return verdict({ kind: 'accept' });
}

function go(value: Verdict): Statement {
  return verdict(value);
}

function rule(comment: string, matches: readonly Match[], statement: Statement): Rule {
  return { comment, matches, statements: [statement] };
}
