import type { FailsafePort } from '../net/failsafe.ts';
import type { EntityRule, MemberSet, Rule } from '../policy/local-policy.ts';
import { namedPortSetId, selectorSetId } from '../policy/set-id.ts';
import type { AddressCondition } from './peer-atoms.ts';

/** A condition on addresses, and how people name whom it means; null: nobody would. */
export interface NamedCondition extends AddressCondition {
  readonly label: string | null;
}

type Sets = ReadonlyMap<string, MemberSet>;

/** Everything that rules ask of the addresses on one side, each once. */
export function addressConditions(
  rules: readonly Rule[],
  side: 'source' | 'destination',
  sets: Sets,
): readonly NamedCondition[] {
  const found = new Map<string, NamedCondition>();
  const add = (one: NamedCondition): unknown => found.set(one.key, one);
  for (const rule of rules) {
    const entity = rule[side];
    for (const net of [...(entity.nets ?? []), ...(entity.notNets ?? [])]) add(netCondition(net));
    for (const selector of [entity.selector, entity.notSelector])
      if (selector !== null) add(setCondition(selectorSetId(selector), selector.text, sets));
    for (const one of portHolders(rule, entity, sets)) add(one);
  }
  return [...found.values()];
}

/** The networks that failsafe ports are open for. */
export function failsafeConditions(ports: readonly FailsafePort[]): readonly NamedCondition[] {
  const nets = new Set(ports.flatMap(({ net }) => (net === null ? [] : [net])));
  return [...nets].map((net) => ({ key: `failsafe ${net}`, label: null, members: [net] }));
}

function netCondition(net: string): NamedCondition {
  return { key: `net ${net}`, label: net, members: [net] };
}

function setCondition(id: string, text: string, sets: Sets): NamedCondition {
  const set = sets.get(id);
  const members = set === undefined ? [] : [...set.ipv4, ...set.ipv6];
  return { key: `set ${id}`, label: text, members };
}

// Who has a named port on which number: one condition a protocol and number.
function portHolders(rule: Rule, entity: EntityRule, sets: Sets): readonly NamedCondition[] {
  const holders = new Map<string, string[]>();
  for (const { address, protocol, port, id } of namedPorts(rule, entity, sets)) {
    const key = `ports ${id} ${protocol} ${port}`;
    const known = holders.get(key);
    if (known === undefined) holders.set(key, [address]);
    else known.push(address);
  }
  return Array.from(holders, ([key, members]) => ({ key, label: null, members }));
}

interface NamedPort {
  readonly id: string;
  readonly address: string;
  readonly protocol: number;
  readonly port: number;
}

/** What the named ports of a rule's side stand for now. */
export function namedPorts(rule: Rule, entity: EntityRule, sets: Sets): readonly NamedPort[] {
  const found: NamedPort[] = [];
  for (const list of [entity.ports, entity.notPorts]) {
    if (list === null || list.named.length === 0) continue;
    const id = namedPortSetId(entity.positiveSelector, rule.protocol, list.named);
    const set = sets.get(id);
    for (const member of set === undefined ? [] : [...set.ipv4, ...set.ipv6]) {
      const [address = '', protocol, port] = member.split(' . ');
      found.push({ id, address, protocol: Number(protocol), port: Number(port) });
    }
  }
  return found;
}
