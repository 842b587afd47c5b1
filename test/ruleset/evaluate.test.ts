import assert from 'node:assert/strict';
import type { Packet } from '../../src/net/packet.ts';
import { fixedElements } from '../../src/ruleset/element-set.ts';
import { evaluateRuleset } from '../../src/ruleset/evaluate.ts';
import type { Evaluation } from '../../src/ruleset/evaluate.ts';
import type {
  BaseHook,
  BranchField,
  Hook,
  Match,
  NamedSet,
  Rule,
  Ruleset,
  Statement,
  Verdict,
} from '../../src/ruleset/ruleset.ts';
import {
  sampleForward,
  sampleLoopback,
  sampleOutput,
  samplePacket,
} from '../support/sample-packet.ts';

function rule(statements: readonly (Statement | Verdict)[], ...matches: readonly Match[]): Rule {
  return {
    comment: '',
    matches,
    statements: statements.map((one) =>
      isStatement(one) ? one : { kind: 'verdict', verdict: one },
    ),
  };
}

function isStatement(one: Statement | Verdict): one is Statement {
  return ['counter', 'log', 'mark', 'notrack', 'verdict'].includes(one.kind);
}

const ACCEPT: Verdict = { kind: 'accept' };
const DROP: Verdict = { kind: 'drop' };
const REJECT: Verdict = { kind: 'reject' };
const RETURN: Verdict = { kind: 'return' };
const NOTRACK: Statement = { kind: 'notrack' };
const jump = (chain: string): Verdict => ({ kind: 'jump', chain });
const goTo = (chain: string): Verdict => ({ kind: 'goto', chain });
const setBits = (set: number): Statement => ({ kind: 'mark', keep: 0xffffffff, set });
const state = (...states: Extract<Match, { kind: 'ct-state' }>['states']): Match => ({
  kind: 'ct-state',
  states,
});

type Rules = readonly Rule[];

/** Base chains are named `<hook>` or `<hook> <priority>`, priority 0 by default. */
function ruleset(chains: Readonly<Record<string, Rules>>, sets: readonly NamedSet[] = []): Ruleset {
  return {
    chains: new Map(
      Object.entries(chains).map(([name, rules]) => [name, { name, base: baseOf(name), rules }]),
    ),
    sets: new Map(sets.map((set) => [set.name, set])),
    counters: new Set(['hits']),
  };
}

function baseOf(name: string): BaseHook | null {
  const [hook = '', priority = '0'] = name.split(' ');
  const isHook = ['prerouting', 'input', 'forward', 'output', 'postrouting'].includes(hook);
  return isHook ? { hook: hook as Hook, priority: Number(priority) } : null;
}

/** The verdict, with the reason when there is none. */
function verdictOf(evaluation: Evaluation): string {
  return evaluation.verdict === 'unsupported'
    ? `unsupported: ${evaluation.why}`
    : evaluation.verdict;
}

function verdict(chains: Readonly<Record<string, Rules>>, packet: Packet = samplePacket()): string {
  return verdictOf(evaluateRuleset(ruleset(chains), packet));
}

describe('evaluateRuleset', () => {
  describe('control flow', () => {
    const cases: readonly (readonly [string, Readonly<Record<string, Rules>>, string])[] = [
      ['accepts when no rule decides', { input: [] }, 'accept'],
      ['drops', { input: [rule([DROP])] }, 'drop'],
      ['rejects', { input: [rule([REJECT])] }, 'reject'],
      [
        'runs later base chains after accept',
        { input: [rule([ACCEPT]), rule([DROP])], 'input 1': [rule([REJECT])] },
        'reject',
      ],
      [
        'runs base chains in the order of priority, not of declaration',
        { 'input 1': [rule([REJECT])], input: [rule([DROP])] },
        'drop',
      ],
      ['ends everything with drop', { input: [rule([DROP])], 'input 1': [rule([ACCEPT])] }, 'drop'],
      [
        'goes on after a jump that came to its end',
        { input: [rule([jump('a')]), rule([DROP])], a: [] },
        'drop',
      ],
      [
        'goes on after a jump that returned',
        { input: [rule([jump('a')]), rule([DROP])], a: [rule([RETURN]), rule([REJECT])] },
        'drop',
      ],
      [
        'ends the base chain with an accept inside a jump',
        { input: [rule([jump('a')]), rule([DROP])], a: [rule([ACCEPT])] },
        'accept',
      ],
      [
        'does not come back from a goto',
        { input: [rule([goTo('a')]), rule([DROP])], a: [] },
        'accept',
      ],
      [
        'comes back from a goto to the caller of the last jump',
        {
          input: [rule([jump('a')]), rule([REJECT])],
          a: [rule([goTo('b')]), rule([DROP])],
          b: [rule([RETURN]), rule([DROP])],
        },
        'reject',
      ],
      ['leaves the base chain with return', { input: [rule([RETURN]), rule([DROP])] }, 'accept'],
      [
        'skips what follows a verdict in the same rule',
        { input: [rule([jump('a'), DROP])], a: [] },
        'accept',
      ],
      [
        'ignores chains of hooks that the packet does not pass',
        { output: [rule([DROP])], forward: [rule([DROP])], postrouting: [rule([DROP])] },
        'accept',
      ],
    ];
    for (const [behaviour, chains, expected] of cases) {
      it(behaviour, () => {
        assert.equal(verdict(chains), expected);
      });
    }

    it('goes to the chain of the interface, or on to the next rule', () => {
      const chains = {
        input: [
          rule([{ kind: 'dispatch', key: 'iifname', chains: new Map([['eth0', 'a']]) } as const]),
          rule([REJECT]),
        ],
        a: [rule([DROP], { kind: 'l4proto', negated: false, protocols: [6] })],
      };
      assert.equal(verdict(chains), 'drop');
      assert.equal(verdict(chains, samplePacket({ protocol: 17 })), 'accept');
      assert.equal(verdict(chains, samplePacket({ iifname: 'eth1' })), 'reject');
    });

    it('jumps to the chain under the key of a branch and comes back, or goes on to the next rule', () => {
      const branch = (field: BranchField, key: string): Rules[number] =>
        rule([{ kind: 'branch', field, chains: new Map([[key, 'a']]) } as const]);
      const cases: readonly (readonly [BranchField, string, string])[] = [
        [{ kind: 'dport', mask: 0xffff }, '8055', 'drop'],
        [{ kind: 'dport', mask: 0xffc0 }, '8000', 'drop'],
        [{ kind: 'dport', mask: 0xffc0 }, '8055', 'reject'],
        [{ kind: 'saddr', family: 4, prefix: 32 }, '10.0.1.9', 'drop'],
        [{ kind: 'saddr', family: 4, prefix: 24 }, '10.0.1.0', 'drop'],
        [{ kind: 'daddr', family: 4, prefix: 8 }, '10.0.0.0', 'drop'],
        [{ kind: 'daddr', family: 6, prefix: 64 }, 'fd00::', 'reject'],
      ];
      for (const [field, key, expected] of cases) {
        assert.equal(
          verdict({ input: [branch(field, key), rule([REJECT])], a: [rule([DROP])] }),
          expected,
        );
        assert.equal(verdict({ input: [branch(field, key), rule([REJECT])], a: [] }), 'reject');
      }
      const icmp = samplePacket({
        protocol: 1,
        sourcePort: null,
        destinationPort: null,
        icmpType: 8,
        icmpCode: 0,
      });
      const onPort = { input: [branch({ kind: 'dport', mask: 0xffff }, '80')], a: [] };
      assert.match(verdict(onPort, icmp), /^unsupported: .*dport is asked of protocol 1/);
    });
  });

  describe('what the kernel would refuse', () => {
    const deep = Object.fromEntries(
      Array.from({ length: 18 }, (_, i) => [`c${i}`, [rule([jump(`c${i + 1}`)])]]),
    );
    const cases: readonly (readonly [string, Readonly<Record<string, Rules>>, RegExp])[] = [
      ['a chain that does not exist', { input: [rule([jump('a')])] }, /no chain a$/],
      ['a loop', { input: [rule([jump('a')])], a: [rule([goTo('a')])] }, /a is entered in a loop/],
      ['too many jumps', { ...deep, c18: [], input: [rule([jump('c0')])] }, /16 jumps deep/],
      ['a jump to a base chain', { input: [rule([jump('input 1')])], 'input 1': [] }, /base chain/],
      [
        'a counter that does not exist',
        { input: [rule([{ kind: 'counter', name: 'x' }])] },
        /counter x/,
      ],
      [
        'two chains of equal priority',
        { 'input 0': [rule([DROP])], input: [rule([ACCEPT])] },
        /two things happen in input at priority 0/,
      ],
      [
        'a chain at the priority of conntrack',
        { 'prerouting -200': [rule([ACCEPT])] },
        /prerouting at priority -200/,
      ],
    ];
    for (const [what, chains, expected] of cases) {
      it(`does not guess about ${what}`, () => {
        assert.match(verdict(chains), expected);
      });
    }

    it('does not guess about reject in postrouting', () => {
      const chains = { postrouting: [rule([REJECT])] };
      assert.match(verdict(chains, sampleOutput()), /^unsupported: the kernel refuses reject/);
    });

    it('does not guess about a port of a protocol without ports, unless the rule excludes it', () => {
      const port: Match = {
        kind: 'port',
        side: 'dport',
        negated: true,
        ports: [{ from: 22, to: 22 }],
      };
      const tcp: Match = { kind: 'l4proto', negated: false, protocols: [6] };
      const packet = samplePacket({ protocol: 253, sourcePort: null, destinationPort: null });
      assert.match(
        verdict({ input: [rule([DROP], port)] }, packet),
        /dport is asked of protocol 253/,
      );
      assert.equal(verdict({ input: [rule([DROP], port, tcp)] }, packet), 'accept');
    });

    it('does not guess about packets that cannot exist', () => {
      assert.match(
        verdict({ input: [] }, samplePacket({ source: 'fd00::1' })),
        /source "fd00::1" is not an IPv4 address/,
      );
    });
  });

  describe('state', () => {
    it('keeps the mark from hook to hook, and other bits than those set', () => {
      const chains = {
        'prerouting -300': [rule([setBits(0x10000)])],
        input: [rule([DROP], { kind: 'mark', mask: 0x10000, value: 0x10000 })],
      };
      assert.equal(verdict(chains), 'drop');
      const marked = evaluateRuleset(
        ruleset({ input: [rule([{ kind: 'mark', keep: 0x0000ffff, set: 0x80000000 }])] }),
        samplePacket({ mark: 0x30001 }),
      );
      assert.equal(marked.verdict === 'accept' && marked.mark, 0x80000001);
    });

    it('keeps the mark over the loopback device', () => {
      const chains = {
        output: [rule([setBits(1)])],
        input: [rule([DROP], { kind: 'mark', mask: 1, value: 1 })],
      };
      assert.equal(verdict(chains, sampleLoopback()), 'drop');
    });

    it('shows no conntrack entry before conntrack has looked', () => {
      const chains = { 'prerouting -300': [rule([DROP], state('invalid'))] };
      assert.equal(verdict(chains), 'drop');
      assert.equal(verdict({ input: [rule([DROP], state('invalid'))] }), 'accept');
      assert.equal(verdict({ input: [rule([DROP], state('new'))] }), 'drop');
    });

    it('makes the state untracked after notrack', () => {
      const chains = {
        'prerouting -300': [rule([NOTRACK])],
        input: [rule([DROP], state('new', 'established', 'related', 'invalid'))],
      };
      const evaluation = evaluateRuleset(ruleset(chains), samplePacket());
      assert.equal(evaluation.verdict === 'accept' && evaluation.tracked, false);
    });

    it('cannot untrack a packet that comes back over lo with an entry', () => {
      const chains = {
        'prerouting -300': [rule([NOTRACK])],
        input: [rule([DROP], state('untracked'))],
      };
      assert.equal(verdict(chains, sampleLoopback()), 'accept');
      assert.equal(verdict(chains, sampleLoopback({ conntrack: 'invalid' })), 'drop');
    });
  });

  describe('DNAT by others', () => {
    const dnat = { destination: '10.0.2.50', destinationPort: 9000 };
    const toPort = (port: number): readonly Match[] => [
      { kind: 'l4proto', negated: false, protocols: [6] },
      { kind: 'port', side: 'dport', negated: false, ports: [{ from: port, to: port }] },
    ];

    it('comes after mangle prerouting and before the filter hooks', () => {
      const packet = sampleForward({ dnat });
      assert.equal(verdict({ 'prerouting -150': [rule([DROP], ...toPort(8055))] }, packet), 'drop');
      assert.equal(verdict({ forward: [rule([DROP], ...toPort(8055))] }, packet), 'accept');
      assert.equal(verdict({ forward: [rule([DROP], ...toPort(9000))] }, packet), 'drop');
    });

    it('keeps the port when it only changes the address', () => {
      const packet = sampleForward({ dnat: { ...dnat, destinationPort: null } });
      assert.equal(verdict({ forward: [rule([DROP], ...toPort(8055))] }, packet), 'drop');
    });

    it('changes the output interface of local packets in postrouting only', () => {
      const packet = sampleOutput({ dnat, oifnameAfterDnat: 'eth1' });
      const drop = rule([DROP], { kind: 'oifname', names: ['eth0'] });
      assert.equal(verdict({ output: [drop] }, packet), 'drop');
      assert.equal(verdict({ postrouting: [drop] }, packet), 'accept');
      assert.equal(verdict({ postrouting: [drop] }, sampleOutput()), 'drop');
    });

    it('does not happen to packets without a conntrack entry', () => {
      const chains = {
        'prerouting -300': [rule([NOTRACK])],
        input: [rule([DROP], { kind: 'ct-status-dnat' }), rule([REJECT], ...toPort(8055))],
      };
      assert.equal(verdict(chains, samplePacket({ dnat })), 'reject');
      const drop = { input: [rule([DROP], { kind: 'ct-status-dnat' })] };
      assert.equal(verdict(drop, samplePacket({ dnat })), 'drop');
      assert.equal(verdict(drop, samplePacket({ dnat, conntrack: 'invalid' })), 'accept');
      assert.equal(verdict(drop), 'accept');
    });

    it('shows in the status of a known connection from the first hook that has an entry', () => {
      const chains = { 'prerouting -150': [rule([DROP], { kind: 'ct-status-dnat' })] };
      assert.equal(verdict(chains, samplePacket({ dnat })), 'accept');
      assert.equal(verdict(chains, samplePacket({ dnat, conntrack: 'established' })), 'drop');
    });
  });

  it('lists the rules that matched, in order, with their counters', () => {
    const counted: Rule = {
      comment: 'second',
      matches: [],
      statements: [
        { kind: 'counter', name: 'hits' },
        { kind: 'log', prefix: 'x: ' },
      ],
    };
    const chains = {
      input: [rule([DROP], { kind: 'iifname', names: ['eth1'] }), rule([jump('a')])],
      a: [counted],
    };
    const { hits } = evaluateRuleset(ruleset(chains), samplePacket());
    assert.deepEqual(hits, [
      { hook: 'input', chain: 'input', index: 1, comment: '', counters: [] },
      { hook: 'input', chain: 'a', index: 0, comment: 'second', counters: ['hits'] },
    ]);
  });

  it('keeps the elements of a set apart from other sets', () => {
    const hash: NamedSet = {
      name: 's',
      family: 4,
      kind: 'hash',
      elements: fixedElements(['10.0.1.9']),
    };
    const drop = rule([DROP], {
      kind: 'address-set',
      side: 'saddr',
      family: 4,
      negated: false,
      set: 's',
    });
    assert.equal(
      verdictOf(evaluateRuleset(ruleset({ input: [drop] }, [hash]), samplePacket())),
      'drop',
    );
    assert.match(verdict({ input: [drop] }), /no set s$/);
  });
});
