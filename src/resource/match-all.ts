import type { EntityRule, Rule } from './rule.ts';

/** `source` or `destination` without a condition: every address and port. */
export const ANYBODY: EntityRule = {
  nets: null,
  notNets: null,
  selector: null,
  notSelector: null,
  positiveSelector: null,
  ports: null,
  notPorts: null,
};

/** The conditions of a rule that matches every packet. */
export const EVERY_PACKET: Omit<Rule, 'action'> = {
  neverMatches: null,
  ipVersion: null,
  protocol: null,
  notProtocol: null,
  icmp: null,
  notICMP: null,
  source: ANYBODY,
  destination: ANYBODY,
};
