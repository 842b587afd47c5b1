import type { Selector } from '../selector/selector.ts';

export type Action = 'Allow' | 'Deny' | 'Pass' | 'Log';

/** Inclusive. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** `ports` or `notPorts`: an OR over numbers, ranges and names. */
export interface PortList {
  readonly numeric: readonly PortRange[];
  readonly named: readonly string[];
}

/** `code` needs `type`; a block with neither is represented by absence. */
export interface IcmpMatch {
  readonly type: number;
  readonly code: number | null;
}

/**
 * `source` or `destination` of a rule, after namespaces and service accounts have been rewritten into
 * plain selectors. All present conditions hold together.
 */
export interface EntityRule {
  /** Canonical masked CIDRs (`10.0.0.0/8`, `192.0.2.1/32`); null when the field is absent or empty. */
  readonly nets: readonly string[] | null;
  readonly notNets: readonly string[] | null;
  /** Which addresses match: the positive selector and not the negative one; null restricts nothing. */
  readonly selector: Selector | null;
  /** Only when there is no positive selector: addresses in this set do not match. */
  readonly notSelector: Selector | null;
  /** The positive selector alone: whose named ports `ports` and `notPorts` mean; null means everybody's. */
  readonly positiveSelector: Selector | null;
  readonly ports: PortList | null;
  readonly notPorts: PortList | null;
}

/** One rule of a policy or profile, ready to be evaluated. */
export interface Rule {
  readonly action: Action;
  /**
   * Set when the rule carries what a host cannot honour: why it never matches. Denies with such a part
   * have lost the part instead and carry null here (they deny more, never less); only `services` makes a
   * Deny never match.
   */
  readonly neverMatches: string | null;
  /** Explicit, or inferred from ICMP (4) and ICMPv6 (6). */
  readonly ipVersion: 4 | 6 | null;
  /** IP protocol number. */
  readonly protocol: number | null;
  readonly notProtocol: number | null;
  readonly icmp: IcmpMatch | null;
  readonly notICMP: IcmpMatch | null;
  readonly source: EntityRule;
  readonly destination: EntityRule;
}
