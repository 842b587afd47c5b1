import { familyOf } from '../net/cidr.ts';
import type { FailsafePort } from '../net/failsafe.ts';
import type { Chain, Match, Rule } from '../ruleset/ruleset.ts';
import { verdict } from './policy-rules.ts';
import { ruleComment } from './names.ts';
import type { Direction } from './names.ts';
import type { CompileSettings } from './settings.ts';

/** Names of the failsafe chains. `raw` ones also let replies of failsafe connections stay tracked. */
export type FailsafeVariant = 'tracked' | 'raw';

function failsafeChainName(direction: Direction, variant: FailsafeVariant): string {
  return variant === 'raw' ? `failsafe-raw/${direction}` : `failsafe/${direction}`;
}

const memo = new WeakMap<CompileSettings, Map<string, Chain | null>>();

/**
 * A chain that accepts failsafe traffic, or null when there is none: the same object for the same settings. A net
 * limits the far end: the source of incoming, the destination of outgoing packets. In the raw variant an accept means
 * "stay tracked", also for packets that answer a failsafe connection of the other direction.
 */
export function failsafeChain(
  direction: Direction,
  variant: FailsafeVariant,
  settings: CompileSettings,
): Chain | null {
  const known = memo.get(settings) ?? new Map<string, Chain | null>();
  memo.set(settings, known);
  const name = failsafeChainName(direction, variant);
  let chain = known.get(name);
  if (chain === undefined) {
    chain = compileFailsafes(direction, variant, settings);
    known.set(name, chain);
  }
  return chain;
}

function compileFailsafes(
  direction: Direction,
  variant: FailsafeVariant,
  settings: CompileSettings,
): Chain | null {
  const { failsafeInbound, failsafeOutbound } = settings;
  const isIngress = direction === 'ingress';
  const [own, other] = isIngress
    ? [failsafeInbound, failsafeOutbound]
    : [failsafeOutbound, failsafeInbound];
  const side = isIngress ? 'saddr' : 'daddr';
  const rules = [
    ...failsafeRules(own, 'dport', side),
    ...(variant === 'raw' ? failsafeRules(other, 'sport', side) : []),
  ];
  return rules.length === 0
    ? null
    : { name: failsafeChainName(direction, variant), base: null, rules };
}

function failsafeRules(
  entries: readonly FailsafePort[],
  port: 'sport' | 'dport',
  address: 'saddr' | 'daddr',
): readonly Rule[] {
  const groups = new Map<string, FailsafePort[]>();
  for (const entry of entries) {
    const key = `${entry.protocol} ${entry.net ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const ports = group.map((entry) => ({ from: entry.port, to: entry.port }));
    const matches: Match[] = [
      ...(first.net === null ? [] : [netMatch(first.net, address)]),
      { kind: 'l4proto', negated: false, protocols: [first.protocol] },
      {
        kind: 'port',
        side: port,
        negated: false,
        ports: [...ports].sort((a, b) => a.from - b.from),
      },
    ];
    return [
      {
        comment: ruleComment(`failsafe ${port} ${first.net ?? 'anywhere'}`),
        matches,
        statements: [verdict({ kind: 'accept' })],
      },
    ];
  });
}

function netMatch(net: string, side: 'saddr' | 'daddr'): Match {
  return { kind: 'address', side, family: familyOf(net), negated: false, nets: [net] };
}
