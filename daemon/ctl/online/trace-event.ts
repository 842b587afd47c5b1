/** One line of `nft monitor trace`. */
export interface TraceEvent {
  /** The same for everything that happens to one packet. */
  readonly id: string;
  /** `inet rampart`. */
  readonly table: string;
  readonly chain: string;
  readonly kind: 'packet' | 'rule' | 'policy';
  /** The packet's header, or the rule, in nft's own syntax. */
  readonly text: string;
  /** Such as `drop` or `jump ingress-local/db-1`; empty for `packet`. */
  readonly verdict: string;
  /** The rule of a policy or profile that this is, or what else the comment says; null: neither. */
  readonly meaning: string | null;
}

const KINDS: Readonly<Record<string, string>> = {
  gnp: 'GlobalNetworkPolicy',
  np: 'NetworkPolicy',
  pro: 'Profile',
};

const LINE =
  /^trace id (?<id>\S+) (?<table>\S+ \S+) (?<chain>\S+) (?<what>packet:|rule|policy) ?(?<rest>.*)$/;

/** Reads a line; null for what is no event. */
export function parseTraceLine(line: string): TraceEvent | null {
  const groups = LINE.exec(line.trim())?.groups;
  if (groups === undefined) return null;
  const { id = '', table = '', chain = '', what = '', rest = '' } = groups;
  return { id, table, chain, ...contentOf(what, rest) };
}

function contentOf(what: string, rest: string): Omit<TraceEvent, 'id' | 'table' | 'chain'> {
  if (what === 'packet:')
    return { kind: 'packet', text: headerOf(rest), verdict: '', meaning: null };
  if (what === 'policy') return { kind: 'policy', text: '', verdict: rest.trim(), meaning: null };
  const at = rest.lastIndexOf(' (verdict ');
  const text = at < 0 ? rest : rest.slice(0, at);
  const verdict = at < 0 ? '' : rest.slice(at + ' (verdict '.length, -1);
  const comment = /comment "([^"]*)"/.exec(text)?.[1];
  return {
    kind: 'rule',
    text,
    verdict,
    meaning: comment === undefined ? null : meaningOf(comment),
  };
}

// What nft could not name, and link layer addresses, tell an operator nothing.
function headerOf(text: string): string {
  return text
    .replaceAll(/@\S+ \S+ ?/g, '')
    .replaceAll(/ether [sd]addr \S+ /g, '')
    .replaceAll(/ip6? (dscp|ecn|ttl|id|length|hoplimit|flowlabel|version|hdrlength) \S+ /g, '')
    .trim();
}

function meaningOf(comment: string): string {
  const rule = /^(gnp|np|pro) (.+) (ingress|egress) (\d+)$/.exec(comment);
  if (rule === null) return comment;
  const [, kind = '', name = '', direction = '', index = ''] = rule;
  return `${KINDS[kind] ?? kind} ${name.replace(' ', '/')}, ${direction} rule ${index}`;
}
