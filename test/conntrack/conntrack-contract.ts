import assert from 'node:assert/strict';
import type { Conntrack, Flow } from '../../src/conntrack/conntrack.ts';

/** What a test asks a rig to start. */
export type Talk = 'tcp4' | 'tcp6' | 'udp6' | 'ping4' | 'ping6';

/** A Conntrack together with a way to make flows. */
export interface ConntrackRig {
  readonly conntrack: Conntrack;
  /** Starts a flow between two addresses of the loopback and resolves once connection tracking has it. */
  start(talk: Talk): Promise<void>;
  /** Ends what was started. */
  dispose(): Promise<void>;
}

const FIRST: Readonly<Record<Talk, (flow: Flow) => boolean>> = {
  tcp4: (flow) => flow.family === 4 && flow.protocol === 6,
  tcp6: (flow) => flow.family === 6 && flow.protocol === 6,
  udp6: (flow) => flow.family === 6 && flow.protocol === 17,
  ping4: (flow) => flow.protocol === 1,
  ping6: (flow) => flow.protocol === 58 && flow.original.icmp?.type === 128,
};

/** What every Conntrack promises; call inside a `describe`. */
export function itKeepsTheConntrackContract(setUp: () => Promise<ConntrackRig>): void {
  let rig: ConntrackRig;

  beforeEach(async () => {
    rig = await setUp();
  });

  afterEach(async () => {
    await rig.conntrack.close();
    await rig.dispose();
  });

  async function find(talk: Talk): Promise<Flow | undefined> {
    return (await rig.conntrack.list()).find(FIRST[talk]);
  }

  async function started(talk: Talk): Promise<Flow> {
    await rig.start(talk);
    const flow = await find(talk);
    assert.ok(flow !== undefined, `${talk} is not listed`);
    return flow;
  }

  it('lists an established TCP connection with both directions', async () => {
    const { original, reply, tcpState, zone } = await started('tcp4');
    assert.equal(original.source, '127.0.0.1');
    assert.equal(original.destination, '127.0.0.1');
    assert.ok(original.sourcePort !== null && original.destinationPort !== null);
    assert.equal(reply.sourcePort, original.destinationPort);
    assert.equal(reply.destinationPort, original.sourcePort);
    assert.equal(original.icmp, null);
    assert.equal(tcpState, 'established');
    assert.equal(zone, 0);
  });

  it('lists both families in one list, and no TCP state for UDP', async () => {
    await rig.start('tcp4');
    const udp = await started('udp6');
    assert.equal(udp.original.source, '::1');
    assert.equal(udp.tcpState, null);
    assert.ok((await find('tcp4')) !== undefined);
  });

  for (const [talk, request, answer] of [
    ['ping4', 8, 0],
    ['ping6', 128, 129],
  ] as const) {
    it(`lists ${talk} by type, code and id, without ports`, async () => {
      const { original, reply } = await started(talk);
      assert.equal(original.icmp?.type, request);
      assert.equal(original.icmp.code, 0);
      assert.equal(reply.icmp?.type, answer);
      assert.equal(reply.icmp.id, original.icmp.id);
      assert.equal(original.sourcePort, null);
      assert.equal(original.destinationPort, null);
    });
  }

  for (const talk of ['tcp4', 'tcp6', 'udp6', 'ping4', 'ping6'] as const) {
    it(`deletes ${talk} and nothing else`, async () => {
      const other = talk === 'tcp4' ? 'tcp6' : 'tcp4';
      await rig.start(other);
      const flow = await started(talk);
      assert.equal(await rig.conntrack.delete(flow), true);
      assert.equal(await find(talk), undefined);
      assert.ok((await find(other)) !== undefined);
    });
  }

  it('does not mind a flow that is gone already', async () => {
    const flow = await started('tcp4');
    await rig.conntrack.delete(flow);
    assert.equal(await rig.conntrack.delete(flow), false);
  });

  it('does not delete a later flow with the same addresses and ports', async () => {
    const flow = await started('tcp4');
    assert.ok(flow.id !== null);
    const later = { ...flow, id: (flow.id + 1) % 2 ** 32 };
    assert.equal(await rig.conntrack.delete(later), false);
    assert.ok((await find('tcp4')) !== undefined);
  });

  it('deletes without an id whatever has these addresses, seen from either side', async () => {
    const { original, reply, ...flow } = await started('tcp4');
    const fromOtherSide = { ...flow, id: null, original: reply, reply: original };
    assert.equal(await rig.conntrack.delete(fromOtherSide), true);
    assert.equal(await find('tcp4'), undefined);
  });

  it('rejects once closed', async () => {
    const flow = await started('tcp4');
    await rig.conntrack.close();
    await rig.conntrack.close();
    await assert.rejects(rig.conntrack.list(), { code: 'conntrack-closed' });
    await assert.rejects(rig.conntrack.delete(flow), { code: 'conntrack-closed' });
  });
}
