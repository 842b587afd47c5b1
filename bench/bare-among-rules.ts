// The least that a change of the kernel costs among given rules. The argument is a file with a table `inet rampart` as `nft`
// lists it, which is loaded into the network namespace of this process. Then each line of standard input asks for one change
// by a batch that was made beforehand: `rule` has a rule written anew, `member` one address more in a set of 10,000. Answers
// with milliseconds, a line each.
import { execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { systemClock } from '../src/agent/system-clock.ts';
import { openBatchSocket } from '../src/netlink/batch-socket.ts';
import { encodeBatch, isBatchable } from '../src/nftables-json/encode-batch.ts';
import type { EncodedBatch } from '../src/nftables-json/encode-batch.ts';
import { NETLINK } from '../src/netlink/protocols.ts';
import type { Rule } from '../src/ruleset/ruleset.ts';
import type { Operation, Transaction } from '../src/ruleset/transaction.ts';

const MEMBERS = 10_000;

const RULE: Rule = {
  comment: 'bare',
  matches: [{ kind: 'address-set', side: 'saddr', family: 4, negated: false, set: 'bare-members' }],
  statements: [
    { kind: 'counter', name: 'bare-counter' },
    { kind: 'verdict', verdict: { kind: 'accept' } },
  ],
};
const WRITTEN_ANEW: Transaction = [
  { op: 'flush-chain', name: 'bare-chain' },
  { op: 'add-rule', chain: 'bare-chain', rule: RULE },
];

execFileSync('nft', ['-f', process.argv[2] ?? '']);
const socket = await openBatchSocket(NETLINK.netfilter, systemClock);
await send(
  encoded([
    { op: 'add-chain', name: 'bare-chain', base: null },
    { op: 'add-counter', name: 'bare-counter' },
    members(0, MEMBERS),
  ]),
);
let next = nextBatches(0);
let asked = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const duration = await send(line === 'rule' ? next.rule : next.member);
  process.stdout.write(`${duration}\n`);
  next = nextBatches(++asked);
}
socket.close();

function nextBatches(i: number): Readonly<Record<'rule' | 'member', EncodedBatch>> {
  const rule = encoded(WRITTEN_ANEW);
  return { rule, member: encoded([members(MEMBERS + i, MEMBERS + i + 1)]) };
}

function members(from: number, to: number): Operation {
  return {
    op: 'add-elements',
    set: { name: 'bare-members', family: 4, kind: 'hash' },
    elements: Array.from({ length: to - from }, (_, i) => address(from + i)),
  };
}

function address(i: number): string {
  return `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
}

function encoded(transaction: Transaction): EncodedBatch {
  if (!isBatchable(transaction)) throw new TypeError('not a batch');
  const pieces = encodeBatch(transaction);
  for (;;) {
    const { done, value } = pieces.next();
    if (done === true) return value;
  }
}

async function send(batch: EncodedBatch): Promise<number> {
  const startedAt = performance.now();
  const answers = await socket.send(batch.bytes);
  const duration = performance.now() - startedAt;
  const refusal = answers.find(({ answer }) => answer.kind === 'refused');
  if (refusal !== undefined) throw new Error(`the kernel refused: ${JSON.stringify(refusal)}`);
  return duration;
}
