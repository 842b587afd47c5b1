import { protocolName } from '../net/protocol.ts';
import type {
  Direction,
  PolicyOutcome,
  RuleStep,
  SetLookup,
  SkipReason,
  Stage,
  StageOutcome,
  StageVisit,
  Step,
} from './step.ts';

const STAGES: Readonly<Record<Stage, string>> = {
  untracked: 'untracked',
  preDNAT: 'pre-DNAT',
  normal: 'normal',
  forward: 'forward',
};

const SKIPPED: Readonly<Record<SkipReason, string>> = {
  ungoverned: 'no host endpoint governs this interface',
  'no-policy': 'no policy of this kind',
  'allowed-untracked': 'not asked, untracked policy allowed the packet',
  'allowed-preDNAT': 'not asked, pre-DNAT policy allowed the packet',
  'would-be-denied': 'not asked, an earlier stage would have denied the packet',
  'known-connection': 'not asked, the packet belongs to a known connection',
};

const OUTCOMES: Readonly<Record<StageOutcome, string>> = {
  allow: 'allowed in this stage',
  deny: 'denied',
  'would-deny': 'would be denied, but passes',
  skip: 'no verdict in this stage',
};

const POLICY_OUTCOMES: Readonly<Record<PolicyOutcome | 'missing', string>> = {
  Allow: 'Allow',
  Deny: 'Deny',
  Pass: 'Pass',
  'no-rules': 'passed over, it has no rules in this direction',
  'no-match': 'passed over, no rule decides',
  missing: 'Deny, the profile does not exist or cannot be read',
};

/** One step as indented lines of text; `direction` is that of the stage it belongs to. */
export function describeStep(step: Step, direction: Direction): readonly string[] {
  return 'stage' in step ? [visitLine(step)] : describeInside(step, direction);
}

function describeInside(step: Exclude<Step, VisitStep>, direction: Direction): readonly string[] {
  switch (step.kind) {
    case 'tier':
      return [`  ${tierText(step)}`];
    case 'policy':
      return policyLines(step.policy, step, { indent: '    ', direction });
    case 'profile':
      return policyLines(`profile ${step.name}`, step, { indent: '  ', direction });
    case 'end-of-tier':
      return [`    ${phrase(step, direction)}`];
    case 'observed':
      return [observedText(step)];
    case 'not-filtered':
    case 'conntrack':
    case 'neighbour-discovery':
    case 'failsafe':
    case 'final-deny':
      return [`  ${phrase(step, direction)}`];
  }
}

/** Why a step decided, in one phrase; null for steps that only say where we are. */
export function decisiveText(step: Step, direction: Direction): string | null {
  const isPlace = 'stage' in step || step.kind === 'tier' || step.kind === 'observed';
  return isPlace ? null : phrase(step, direction);
}

type StepOf<K extends Step['kind']> = Extract<Step, { readonly kind: K }>;
type VisitStep = Extract<Step, StageVisit>;
type DecisiveStep = Exclude<Step, VisitStep | { readonly kind: 'tier' | 'observed' }>;

function phrase(step: DecisiveStep, direction: Direction): string {
  switch (step.kind) {
    case 'not-filtered':
      return `IPv${step.family} is not filtered (Ipv6Support is false)`;
    case 'conntrack':
      return `conntrack state ${step.state}: ${step.outcome}`;
    case 'neighbour-discovery':
      return `ICMPv6 type ${step.icmpType} is kept alive (neighbour discovery)`;
    case 'failsafe':
      return failsafeText(step);
    case 'end-of-tier':
      return `end of tier ${step.tier}: ${step.action}`;
    case 'final-deny':
      return `HostEndpoint ${step.endpoint} denies what nothing decides`;
    case 'policy':
      return `${step.policy} ${decidingRule(step.rules, direction)}`;
    case 'profile':
      return step.outcome === 'missing'
        ? `profile ${step.name} does not exist or cannot be read`
        : `profile ${step.name} ${decidingRule(step.rules, direction)}`;
  }
}

function tierText({ name, defaultAction, enforcement }: StepOf<'tier'>): string {
  const observes = enforcement === 'observe' ? ', observes' : '';
  return `tier ${name} (default action ${defaultAction}${observes})`;
}

function observedText({ by, tier }: StepOf<'observed'>): string {
  return by === 'host'
    ? '  counted only: this host observes'
    : `    counted only: tier ${tier} observes, the next one is asked`;
}

function visitLine(step: VisitStep): string {
  switch (step.kind) {
    case 'stage':
      return `${visitText(step)}: ${endpointText(step)}`;
    case 'stage-skipped':
      return `${visitText(step)}: ${SKIPPED[step.reason]}`;
    case 'stage-end':
      return `  ${OUTCOMES[step.outcome]}`;
  }
}

function visitText({ stage, direction, interfaceName }: StageVisit): string {
  return `${STAGES[stage]} policy, ${direction} on ${interfaceName}`;
}

function endpointText(step: Extract<Step, { readonly kind: 'stage' }>): string {
  return `HostEndpoint ${step.endpoint}${step.isStar ? ' (all interfaces)' : ''}`;
}

function failsafeText({
  list,
  isReply,
  entry,
}: Extract<Step, { readonly kind: 'failsafe' }>): string {
  const net = entry.net === null ? '' : ` with ${entry.net}`;
  const port = `${protocolName(entry.protocol)}:${entry.port}${net}`;
  return isReply
    ? `${list} failsafe port ${port}: a reply, stays tracked`
    : `${list} failsafe port ${port}`;
}

function policyLines(
  title: string,
  {
    outcome,
    rules,
  }: { readonly outcome: PolicyOutcome | 'missing'; readonly rules: readonly RuleStep[] },
  { indent, direction }: { readonly indent: string; readonly direction: Direction },
): readonly string[] {
  return [
    `${indent}${title}: ${POLICY_OUTCOMES[outcome]}`,
    ...rules.flatMap((rule) => ruleLines(rule, `${indent}  `, direction)),
  ];
}

function ruleLines(rule: RuleStep, indent: string, direction: Direction): readonly string[] {
  const verdict = rule.because ?? 'matches';
  return [
    `${indent}${direction}[${rule.index}] ${rule.action}: ${verdict}`,
    ...rule.lookups.map((lookup) => `${indent}  ${lookupText(lookup)}`),
  ];
}

function lookupText({ setId, description, wanted, member }: SetLookup): string {
  if (member === null) return `${wanted} is not in set ${setId} (${description})`;
  const through = member === wanted ? '' : ` through ${member}`;
  return `${wanted} is in set ${setId} (${description})${through}`;
}

function decidingRule(rules: readonly RuleStep[], direction: Direction): string {
  const rule = rules.findLast(({ matched, action }) => matched && action !== 'Log');
  return rule === undefined ? 'decides nothing' : `${direction}[${rule.index}] ${rule.action}`;
}
