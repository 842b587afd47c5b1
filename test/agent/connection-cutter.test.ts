import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ConnectionCutter } from '../../src/agent/connection-cutter.ts';
import type { CutterInputs } from '../../src/agent/connection-cutter.ts';
import type { Judge } from '../../src/agent/refused-flow.ts';
import { HostError } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { Flow } from '../../src/conntrack/conntrack.ts';
import { createMemoryConntrack } from '../../src/conntrack/memory-conntrack.ts';
import type { MemoryConntrack } from '../../src/conntrack/memory-conntrack.ts';
import type { HostEndpoint, Policy } from '../../src/resource/resource.ts';
import { exampleFlow, tuple } from '../conntrack/example-flow.ts';
import { createManualClock } from '../status/manual-clock.ts';
import type { ManualClock } from '../status/manual-clock.ts';
import { localPolicyOf, NODE } from '../support/random-policy.ts';
import { policy, rule } from '../support/policy-objects.ts';
import { SETTINGS } from '../support/settings.ts';

const ETH0 = { index: 2, name: 'eth0', running: true, addresses: ['192.0.2.2'] };

const ENDPOINT: HostEndpoint = {
  ...{ kind: 'HostEndpoint', namespace: '', name: 'eth0', labels: {}, node: NODE },
  ...{ interfaceName: 'eth0', expectedIPs: [], profiles: [], ports: [] },
};
const EGRESS = policy('egress', { selector: 'all()', egress: [rule('Allow')] });

/** A judge whose only endpoint, bare, denies what is not failsafe and not allowed by `policies`, or that has none. */
function judge(isProtected: boolean, policies: readonly Policy[] = []): Judge {
  const resources = isProtected ? [ENDPOINT, ...policies] : [];
  return { policy: localPolicyOf({ resources }), settings: SETTINGS };
}

/** A connection from 192.0.2.1 to this port of ours. */
function to(port: number, sourcePort = 40_000): Flow {
  return exampleFlow({
    id: port * 100_000 + sourcePort,
    original: tuple({ sourcePort, destinationPort: port }),
    reply: tuple({
      ...{ source: '192.0.2.2', sourcePort: port },
      ...{ destination: '192.0.2.1', destinationPort: sourcePort },
    }),
  });
}

describe('ConnectionCutter', () => {
  let conntrack: MemoryConntrack;
  let present: Judge;
  let aborted: (number | null)[];
  let counted: number;

  beforeEach(() => {
    conntrack = createMemoryConntrack([to(22), to(80), to(443)]);
    present = judge(true);
    aborted = [];
    counted = 0;
  });

  function cutter(changes: Partial<CutterInputs> = {}): ConnectionCutter {
    return new ConnectionCutter({
      conntrack,
      sockets: {
        abort: ({ original }) => {
          aborted.push(original.destinationPort);
          return Promise.resolve(true);
        },
      },
      routes: { to: () => Promise.resolve({ index: 2, isUnicast: true }) },
      clock: createManualClock(),
      logger: silentLogger,
      inForce: () => Promise.resolve(present),
      interfaces: () => [ETH0],
      isTcpLoose: () => Promise.resolve(true),
      cut: (flows) => {
        counted += flows;
      },
      ...changes,
    });
  }

  async function left(): Promise<readonly (number | null)[]> {
    return (await conntrack.list()).map(({ original }) => original.destinationPort);
  }

  /** What comes of it while time goes by. */
  async function passing<T>(clock: ManualClock, result: Promise<T>): Promise<T> {
    const over = result.then(() => true);
    while (!(await Promise.race([over, nextTurn(false)]))) clock.advance(50);
    return result;
  }

  it('looks without cutting', async () => {
    const report = await cutter().look(() => true);
    assert.equal(report.lookedAt, 3);
    assert.equal(report.refused, 2);
    assert.equal(report.cut, 0);
    assert.deepEqual(await left(), [22, 80, 443]);
    assert.equal(counted, 0);
  });

  it('looks at no more than it is asked to', async () => {
    const report = await cutter().look(() => true, 2);
    assert.deepEqual([report.lookedAt, report.notLookedAt, report.refused], [2, 1, 1]);
  });

  it('cuts what is refused and meant, closes its sockets and counts', async () => {
    const report = await cutter().cut(({ packet }) => packet.destinationPort !== 443);
    assert.deepEqual(await left(), [22, 443]);
    assert.deepEqual(aborted, [80]);
    assert.equal(counted, 1);
    assert.deepEqual(report.byRule, [
      { because: 'HostEndpoint eth0 denies what nothing decides', flows: 1 },
    ]);
    assert.equal(report.flows[0]?.endpoint, 'eth0');
  });

  it('leaves a flow alone that what came into force meanwhile allows', async () => {
    const report = await cutter({
      conntrack: {
        // What is listed is judged by what was in force when the look began.
        list: () => {
          present = judge(false);
          return conntrack.list();
        },
        delete: (flow) => conntrack.delete(flow),
      },
    }).cut(() => true);
    assert.equal(report.cut, 0);
    assert.deepEqual(await left(), [22, 80, 443]);
  });

  it('does not touch the socket of a flow that ended or was replaced meanwhile', async () => {
    const listed = await conntrack.list();
    conntrack.add({ ...to(80), id: 1 });
    const report = await cutter({
      conntrack: { list: () => Promise.resolve(listed), delete: (flow) => conntrack.delete(flow) },
    }).cut(() => true);
    assert.equal(report.cut, 1);
    assert.deepEqual(aborted, [443]);
    assert.deepEqual(await left(), [22, 80]);
  });

  it('cuts a UDP flow once more that an answer under way has begun anew', async () => {
    const flow = { ...to(80), protocol: 17, tcpState: null };
    const answered = { ...flow, id: 1, original: flow.reply, reply: flow.original };
    conntrack = createMemoryConntrack([flow]);
    present = judge(true, [EGRESS]);
    const clock = createManualClock();
    const cutting = cutter({
      clock,
      sockets: { abort: () => Promise.resolve(false) },
      conntrack: {
        list: () => conntrack.list(),
        delete: async (one) => {
          const isGone = await conntrack.delete(one);
          if (one.id !== null) conntrack.add(answered);
          return isGone;
        },
      },
    }).cut(() => true);
    const report = await passing(clock, cutting);
    assert.deepEqual(
      report.flows.map(({ mayResume }) => mayResume),
      [true],
    );
    assert.equal(report.cut, 1);
    assert.deepEqual(await left(), []);
  });

  it('says what it cut, though the rules are taken away before it looks again', async () => {
    conntrack = createMemoryConntrack([{ ...to(80), protocol: 17, tcpState: null }]);
    present = judge(true, [EGRESS]);
    const clock = createManualClock();
    const cutting = cutter({
      clock,
      sockets: { abort: () => Promise.resolve(false) },
      inForce: () =>
        counted === 0 ? Promise.resolve(present) : Promise.reject(new Error('nothing is in force')),
    }).cut(() => true);
    assert.equal((await passing(clock, cutting)).cut, 1);
  });

  it('looks again only at flows that are still meant', async () => {
    conntrack = createMemoryConntrack([{ ...to(80), protocol: 17, tcpState: null }]);
    present = judge(true, [EGRESS]);
    const clock = createManualClock();
    const deleted: (number | null)[] = [];
    const cutting = cutter({
      clock,
      sockets: { abort: () => Promise.resolve(false) },
      conntrack: {
        list: () => conntrack.list(),
        delete: ({ id }) => {
          deleted.push(id);
          return Promise.resolve(true);
        },
      },
    }).cut(() => counted === 0);
    await passing(clock, cutting);
    assert.deepEqual(deleted, [to(80).id]);
  });

  it('goes on when the kernel does not delete one', async () => {
    const report = await cutter({
      conntrack: {
        list: () => conntrack.list(),
        delete: (flow) =>
          flow.original.destinationPort === 80
            ? Promise.reject(new HostError('EBUSY', 'not now'))
            : conntrack.delete(flow),
      },
    }).cut(() => true);
    assert.equal(report.failed, 1);
    assert.equal(report.cut, 1);
    assert.equal(report.refused, 2);
  });

  it('lists a thousand flows at most, and counts all', async () => {
    const many = Array.from({ length: 1500 }, (_, i) => to(80, 40_000 + i));
    const report = await cutter({ conntrack: createMemoryConntrack(many) }).look(() => true);
    assert.equal(report.refused, 1500);
    assert.equal(report.flows.length, 1000);
    assert.deepEqual(
      report.byRule.map(({ flows }) => flows),
      [1500],
    );
  });
});
