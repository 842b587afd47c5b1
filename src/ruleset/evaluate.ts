import type { Packet } from '../net/packet.ts';
import { packetProblem } from '../net/packet.ts';
import { branchKey } from './branch.ts';
import { stopsOf, track, translate, untrack, viewAt } from './evaluate-hooks.ts';
import type { PacketState } from './evaluate-hooks.ts';
import { evaluateMatch } from './evaluate-match.ts';
import type { MatchOutcome } from './evaluate-match.ts';
import type { Chain, Hook, Rule, Ruleset, Statement, Verdict } from './ruleset.ts';

/** A rule whose matches all held. */
export interface RuleHit {
  readonly hook: Hook;
  readonly chain: string;
  /** Position in the chain, from 0. */
  readonly index: number;
  readonly comment: string;
  /** Counters that the packet moved. */
  readonly counters: readonly string[];
}

/** What becomes of a packet; `unsupported` when the kernel's answer is not certain, never a guess. */
export type Evaluation =
  | {
      readonly verdict: 'accept' | 'drop' | 'reject';
      /** Mark of the packet at the end. */
      readonly mark: number;
      /** False when a rule said notrack, or the kernel does not track such packets. */
      readonly tracked: boolean;
      /** Rules that matched, in order. */
      readonly hits: readonly RuleHit[];
    }
  | { readonly verdict: 'unsupported'; readonly why: string; readonly hits: readonly RuleHit[] };

type Outcome =
  | { readonly kind: 'continue' | 'accept' | 'drop' | 'reject' }
  | { readonly kind: 'unsupported'; readonly why: string };

/** The kernel's limit on nested jumps (NFT_JUMP_STACK_SIZE). */
const MAX_JUMPS = 16;

/**
 * Walks an imaginary packet through a ruleset hook by hook, as the kernel would: `accept` ends a base
 * chain, `drop` and `reject` end everything, marks and notrack last from hook to hook.
 */
export function evaluateRuleset(ruleset: Ruleset, packet: Packet): Evaluation {
  const problem = packetProblem(packet);
  if (problem !== null) return { verdict: 'unsupported', why: problem, hits: [] };
  const stops = stopsOf(ruleset, packet.path);
  if ('unsupported' in stops) return { verdict: 'unsupported', why: stops.unsupported, hits: [] };
  const walk = new Walk(ruleset, packet);
  for (const stop of stops) {
    if (stop.kind === 'conntrack') walk.state = track(walk.state, packet);
    else if (stop.kind === 'dnat') walk.state = translate(walk.state, packet);
    else {
      const outcome = walk.baseChain(stop.hook, stop.chain);
      if (outcome.kind === 'unsupported') {
        return { verdict: 'unsupported', why: outcome.why, hits: walk.hits };
      }
      if (outcome.kind === 'drop' || outcome.kind === 'reject') return walk.end(outcome.kind);
    }
  }
  return walk.end('accept');
}

const CONTINUE: Outcome = { kind: 'continue' };

/** One packet on its way. */
class Walk {
  state: PacketState;
  readonly hits: RuleHit[] = [];
  readonly #ruleset: Ruleset;
  readonly #packet: Packet;
  #hook: Hook = 'prerouting';

  constructor(ruleset: Ruleset, packet: Packet) {
    this.#ruleset = ruleset;
    this.#packet = packet;
    this.state = { mark: packet.mark >>> 0, conntrack: null, isTranslated: false };
  }

  end(verdict: 'accept' | 'drop' | 'reject'): Evaluation {
    const conntrack = this.state.conntrack ?? this.#packet.conntrack;
    const tracked = conntrack !== 'untracked';
    return { verdict, mark: this.state.mark, tracked, hits: this.hits };
  }

  baseChain(hook: Hook, chain: Chain): Outcome {
    this.#hook = hook;
    return this.#chain(chain, [], 0);
  }

  /** `path` holds the chains entered and not left, by which a loop is recognised; `jumps` the depth. */
  #chain(chain: Chain, path: readonly string[], jumps: number): Outcome {
    if (path.includes(chain.name)) return unsupported(`chain ${chain.name} is entered in a loop`);
    if (jumps > MAX_JUMPS) {
      return unsupported(`chain ${chain.name} is more than ${MAX_JUMPS} jumps deep`);
    }
    const inside = [...path, chain.name];
    for (const [index, rule] of chain.rules.entries()) {
      const matched = this.#matches(rule);
      if (typeof matched === 'object') return unsupported(`${chain.name}: ${matched.unsupported}`);
      if (!matched) continue;
      this.#recordHit(chain.name, index, rule);
      const outcome = this.#statements(rule.statements, inside, jumps);
      if (outcome === 'next-rule') continue;
      return outcome === 'return' ? CONTINUE : outcome;
    }
    return CONTINUE;
  }

  #matches(rule: Rule): MatchOutcome {
    const view = viewAt(this.#hook, this.state, this.#packet);
    let outcome: MatchOutcome = true;
    for (const match of rule.matches) {
      const holds = evaluateMatch(match, view, this.#ruleset.sets);
      if (holds === false) return false;
      if (holds !== true) outcome = holds;
    }
    return outcome;
  }

  #recordHit(chain: string, index: number, rule: Rule): void {
    const counters = rule.statements.flatMap((s) => (s.kind === 'counter' ? [s.name] : []));
    this.hits.push({ hook: this.#hook, chain, index, comment: rule.comment, counters });
  }

  #statements(
    statements: readonly Statement[],
    path: readonly string[],
    jumps: number,
  ): Outcome | 'next-rule' | 'return' {
    for (const statement of statements) {
      const outcome =
        statement.kind === 'verdict'
          ? this.#verdict(statement.verdict, path, jumps)
          : this.#effect(statement);
      if (outcome !== 'next-statement') return outcome;
    }
    return 'next-rule';
  }

  #effect(statement: Exclude<Statement, { kind: 'verdict' }>): Outcome | 'next-statement' {
    switch (statement.kind) {
      case 'log':
      case 'nflog':
        return 'next-statement';
      case 'counter':
        return this.#ruleset.counters.has(statement.name)
          ? 'next-statement'
          : unsupported(`there is no counter ${statement.name}`);
      case 'mark': {
        const mark = ((this.state.mark & statement.keep) | statement.set) >>> 0;
        this.state = { ...this.state, mark };
        return 'next-statement';
      }
      case 'notrack':
        this.state = untrack(this.state);
        return 'next-statement';
    }
  }

  #verdict(
    verdict: Verdict,
    path: readonly string[],
    jumps: number,
  ): Outcome | 'next-statement' | 'next-rule' | 'return' {
    switch (verdict.kind) {
      case 'accept':
      case 'drop':
        return { kind: verdict.kind };
      case 'reject':
        return this.#reject();
      case 'return':
        return 'return';
      case 'jump': {
        const outcome = this.#named(verdict.chain, path, jumps + 1);
        return outcome.kind === 'continue' ? 'next-rule' : outcome;
      }
      case 'goto':
        return this.#named(verdict.chain, path, jumps);
      case 'branch':
        return this.#branch(verdict, path, jumps);
      case 'dispatch': {
        const { iifname, oifname } = viewAt(this.#hook, this.state, this.#packet);
        const chain = verdict.chains.get(verdict.key === 'iifname' ? iifname : oifname);
        return chain === undefined ? 'next-statement' : this.#named(chain, path, jumps);
      }
    }
  }

  #reject(): Outcome {
    return this.#hook === 'postrouting'
      ? unsupported('the kernel refuses reject in postrouting')
      : { kind: 'reject' };
  }

  #branch(
    { field, chains }: Extract<Verdict, { kind: 'branch' }>,
    path: readonly string[],
    jumps: number,
  ): Outcome | 'next-statement' | 'next-rule' {
    const key = branchKey(field, viewAt(this.#hook, this.state, this.#packet));
    if (typeof key === 'object' && key !== null) return unsupported(key.unsupported);
    const chain = key === null ? undefined : chains.get(key);
    if (chain === undefined) return 'next-statement';
    const outcome = this.#named(chain, path, jumps + 1);
    return outcome.kind === 'continue' ? 'next-rule' : outcome;
  }

  #named(name: string, path: readonly string[], jumps: number): Outcome {
    const chain = this.#ruleset.chains.get(name);
    if (chain === undefined) return unsupported(`there is no chain ${name}`);
    if (chain.base !== null) return unsupported(`${name} is a base chain and cannot be entered`);
    return this.#chain(chain, path, jumps);
  }
}

function unsupported(why: string): Outcome {
  return { kind: 'unsupported', why };
}
