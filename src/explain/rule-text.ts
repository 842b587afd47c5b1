import { formatPortRange } from '../net/port.ts';
import { protocolName } from '../net/protocol.ts';
import type { EntityRule, IcmpMatch, PortList, Rule } from '../policy/local-policy.ts';

/** What a rule asks of a packet, in one line for people: `TCP to ports 80, 443, from 10.0.0.0/8`. */
export function ruleText(rule: Rule): string {
  if (rule.neverMatches !== null) return `never matches: ${rule.neverMatches}`;
  const parts = [
    headerText(rule),
    entityText('from', rule.source),
    entityText('to', rule.destination),
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'everything' : parts.join(', ');
}

function headerText({ ipVersion, protocol, notProtocol, icmp, notICMP }: Rule): string {
  const words = [
    ipVersion === null ? '' : `IPv${ipVersion}`,
    protocol === null ? '' : protocolName(protocol),
    notProtocol === null ? '' : `not ${protocolName(notProtocol)}`,
    icmpText('', icmp),
    icmpText('not ', notICMP),
  ];
  return words.filter((word) => word !== '').join(' ');
}

function icmpText(not: string, icmp: IcmpMatch | null): string {
  if (icmp === null) return '';
  return `${not}type ${icmp.type}${icmp.code === null ? '' : ` code ${icmp.code}`}`;
}

function entityText(word: string, entity: EntityRule): string {
  const { nets, notNets, selector, notSelector, ports, notPorts } = entity;
  const words = [
    nets === null ? '' : nets.join(', '),
    notNets === null ? '' : `not ${notNets.join(', ')}`,
    selector === null ? '' : selector.text,
    notSelector === null ? '' : `not (${notSelector.text})`,
    portsText('', ports),
    portsText('not ', notPorts),
  ].filter((part) => part !== '');
  return words.length === 0 ? '' : `${word} ${words.join(' and ')}`;
}

function portsText(not: string, ports: PortList | null): string {
  if (ports === null) return '';
  const all = [...ports.numeric.map(formatPortRange), ...ports.named];
  return `${not}port${all.length === 1 ? '' : 's'} ${all.join(', ')}`;
}
