import assert from 'node:assert/strict';
import type { Cancel } from '../../src/base/clock.ts';
import { DeniedFlowBook, KEPT_FLOWS } from '../../src/agent/denied-flow-book.ts';
import type { DeniedFlow } from '../../src/agent/denied-flow.ts';
import { DeniedFlows } from '../../src/agent/denied-flows.ts';
import { flowsAnswer } from '../../src/agent/control-flows.ts';
import { createMemoryPacketLog } from '../../src/nflog/memory-packet-log.ts';
import { loggedPacket } from '../nflog/logged-packet.ts';

const FLOW: DeniedFlow = {
  time: 1000,
  protocol: 6,
  source: '10.0.0.1',
  destination: '10.0.0.2',
  sourcePort: 40_000,
  destinationPort: 22,
  icmpType: null,
  icmpCode: null,
  tcpFlags: ['syn'],
  verdict: 'denied',
  direction: 'ingress',
  interface: 'eth0',
  endpoint: 'a',
  stage: 'local',
  reason: 'rule',
  tier: 'default',
  kind: 'GlobalNetworkPolicy',
  namespace: '',
  policy: 'deny',
  rule: 0,
};

const ON = { denied: true, group: 2000, rateLimit: 10 };

/** A clock that moves when it is told to, and a log that can be read. */
function rig(): {
  readonly clock: ConstructorParameters<typeof DeniedFlowBook>[0];
  readonly logger: ConstructorParameters<typeof DeniedFlowBook>[1];
  readonly lines: {
    readonly message: string;
    readonly fields: Readonly<Record<string, unknown>>;
  }[];
  readonly pass: () => void;
} {
  const tasks = new Set<() => void>();
  const lines: { message: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const write = (fields: Readonly<Record<string, unknown>>, message: string): void => {
    lines.push({ message, fields });
  };
  return {
    clock: {
      now: () => 0,
      monotonic: () => 0,
      after: (_delay, task): Cancel => {
        tasks.add(task);
        return () => tasks.delete(task);
      },
    },
    logger: { debug: write, info: write, warn: write, error: write },
    lines,
    pass: () => {
      const due = [...tasks];
      tasks.clear();
      for (const task of due) task();
    },
  };
}

describe('DeniedFlowBook', () => {
  it('keeps the latest flows, however many come', () => {
    const { clock, logger, lines } = rig();
    const book = new DeniedFlowBook(clock, logger);
    for (let i = 0; i < 10_000; i++) book.add({ ...FLOW, source: `10.1.${i >> 8}.${i & 255}` });
    assert.equal(book.last, 10_000);
    const all = book.flows(0, KEPT_FLOWS);
    assert.deepEqual([all.length, all[0]?.number, all.at(-1)?.number], [1000, 9001, 10_000]);
    assert.deepEqual(
      book.flows(9998, KEPT_FLOWS).map(({ number }) => number),
      [9999, 10_000],
    );
    assert.deepEqual(book.flows(10_000, KEPT_FLOWS), []);
    assert.equal(lines.length, 200, 'no more kinds are logged within a minute');
    assert.deepEqual(book.counts, [
      { labels: { tier: 'default', policy: 'deny', reason: 'rule' }, flows: 10_000 },
    ]);
  });

  it('logs the first of a kind at once, and how many followed after a minute', () => {
    const { clock, logger, lines, pass } = rig();
    const book = new DeniedFlowBook(clock, logger);
    for (let i = 0; i < 5; i++) book.add({ ...FLOW, sourcePort: 1000 + i });
    book.add({ ...FLOW, destinationPort: 23 });
    assert.deepEqual(
      lines.map(({ message }) => message),
      ['denied', 'denied'],
    );
    pass();
    assert.deepEqual([lines.length, lines[2]?.fields['more']], [3, 4]);
    book.add(FLOW);
    assert.equal(lines.at(-1)?.message, 'denied');
  });
});

describe('DeniedFlows', () => {
  it('opens no group unless it is asked for', async () => {
    const packetLog = createMemoryPacketLog();
    const flows = deniedFlows(packetLog, rig());
    await flows.use({ ...ON, denied: false });
    assert.deepEqual(packetLog.openGroups, []);
    assert.equal(flows.isHeard(2000), false);
  });

  it('follows the configuration from group to group', async () => {
    const packetLog = createMemoryPacketLog();
    const flows = deniedFlows(packetLog, rig());
    await flows.use(ON);
    assert.equal(flows.isHeard(2000), true);
    await flows.use({ ...ON, group: 7 });
    assert.deepEqual(packetLog.openGroups, [7]);
    await flows.use({ ...ON, denied: false });
    assert.deepEqual(packetLog.openGroups, []);
  });

  it('says why it has no group, and takes it when it is free', async () => {
    const packetLog = createMemoryPacketLog();
    packetLog.setTaken(2000, true);
    const { pass, ...ports } = rig();
    let changed = 0;
    const flows = deniedFlows(packetLog, ports, () => {
      changed += 1;
    });
    await flows.use(ON);
    assert.equal(flows.isHeard(2000), false);
    assert.match(flows.faults()[0]?.message ?? '', /NFLOG group 2000 is held by another program/);
    packetLog.setTaken(2000, false);
    pass();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(flows.isHeard(2000), true);
    assert.deepEqual([flows.faults(), changed], [[], 1]);
  });

  it('tells of a packet whose rule nobody knows any more, and counts what was lost', async () => {
    const packetLog = createMemoryPacketLog();
    const flows = deniedFlows(packetLog, rig());
    await flows.use(ON);
    packetLog.log(2000, loggedPacket({ prefix: 'somebody else' }));
    packetLog.log(2000, loggedPacket({ prefix: 'rampart-denied 0', iifname: 'eth9' }));
    packetLog.lose(2000, 3);
    const answer = flowsAnswer(flows, { after: 0, limit: 10 });
    assert.deepEqual([answer.enabled, answer.lost, answer.last], [true, 3, 1]);
    assert.equal(answer.flows[0]?.reason, 'replaced');
    assert.equal(answer.flows[0].interface, 'eth9');
  });

  it('refuses a request that makes no sense', () => {
    const flows = deniedFlows(createMemoryPacketLog(), rig());
    for (const body of [{ after: -1 }, { limit: 0 }, { limit: 1001 }, { after: 'x' }])
      assert.throws(() => flowsAnswer(flows, body), { code: 'bad-request' });
    assert.equal(flowsAnswer(flows, null).enabled, false);
  });
});

function deniedFlows(
  packetLog: ReturnType<typeof createMemoryPacketLog>,
  ports: Pick<ReturnType<typeof rig>, 'clock' | 'logger'>,
  changed: () => void = () => undefined,
): DeniedFlows {
  return new DeniedFlows({ ...ports, packetLog, inForce: () => null, changed });
}
