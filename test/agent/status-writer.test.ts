import assert from 'node:assert/strict';
import { afterEach } from 'mocha';
import { FIRST_PROCESS_STATUS_MS, StatusWriter } from '../../src/agent/status-writer.ts';
import type { ReportingSettings } from '../../src/agent/status-writer.ts';
import type { DaemonStatus } from '../../src/status/status-snapshot.ts';
import { createManualClock } from '../status/manual-clock.ts';
import { createRecordingLogger } from '../status/recording-logger.ts';
import { away, NOW, SAMPLE } from '../status/sample-status.ts';
import { MemorySink } from './memory-sink.ts';

const ON: ReportingSettings = {
  endpointReportingEnabled: true,
  endpointReportingDelayMs: 1000,
  reportingIntervalMs: 0,
  reportingTTLMs: 90_000,
};
const PREFIX = '/calico/felix/v1/host/web01/endpoint/';
const PROCESS = '/calico/felix/v2/no-region/host/web01/';
const UP = { name: 'web01-eth0', interfaces: ['eth0'], state: 'up' } as const;

describe('StatusWriter', () => {
  const clock = createManualClock(NOW);
  const writers: StatusWriter[] = [];
  afterEach(async () => {
    for (const writer of writers.splice(0)) await writer.close();
  });

  function create(): {
    readonly sink: MemorySink;
    readonly logger: ReturnType<typeof createRecordingLogger>;
    readonly writer: StatusWriter;
    readonly set: (status: DaemonStatus) => void;
    readonly pass: (ms: number) => Promise<void>;
  } {
    let status = SAMPLE;
    const sink = new MemorySink();
    const logger = createRecordingLogger();
    const writer = new StatusWriter({ sink, clock, logger, status: () => status });
    writers.push(writer);
    return {
      sink,
      logger,
      writer,
      set: (next) => {
        status = next;
      },
      // Writes are microtasks, so a step of the clock is followed by all that it leads to.
      pass: async (ms) => {
        for (let passed = 0; passed < ms; passed += 50) {
          clock.advance(50);
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    };
  }

  it('writes nothing while EndpointReportingEnabled is false, not even that the process is alive', async () => {
    const { sink, writer, pass } = create();
    writer.use({ ...ON, endpointReportingEnabled: false, reportingIntervalMs: 1000 });
    await pass(20_000);
    assert.deepEqual(sink.calls, []);
  });

  it('writes the state of each endpoint, one a turn', async () => {
    const { sink, writer, set, pass } = create();
    set({ ...SAMPLE, endpoints: [UP, { name: 'lost', interfaces: [], state: 'error' }] });
    writer.use(ON);
    await pass(1000);
    assert.deepEqual([...sink.held], [[`${PREFIX}web01-eth0`, '{"status":"up"}']]);
    await pass(1100);
    assert.equal(sink.held.get(`${PREFIX}lost`), '{"status":"error"}');
  });

  it('writes changes and nothing else', async () => {
    const { sink, writer, set, pass } = create();
    writer.use(ON);
    await pass(10_000);
    assert.deepEqual(sink.calls, [`list ${PREFIX}`, `put ${PREFIX}web01-eth0 {"status":"up"}`]);
    set({ ...SAMPLE, endpoints: [{ ...UP, state: 'down' }] });
    await pass(2000);
    assert.equal(sink.held.get(`${PREFIX}web01-eth0`), '{"status":"down"}');
    assert.equal(sink.calls.length, 3);
  });

  it('deletes what is gone, also what an earlier process wrote', async () => {
    const { sink, writer, set, pass } = create();
    sink.held.set(`${PREFIX}old`, '{"status":"up"}');
    sink.held.set('/calico/felix/v1/host/web011/endpoint/other', '{"status":"up"}');
    writer.use(ON);
    set({ ...SAMPLE, endpoints: [] });
    await pass(5000);
    assert.deepEqual([...sink.held.keys()], ['/calico/felix/v1/host/web011/endpoint/other']);
  });

  it('mends within 180 turns what somebody else changed', async () => {
    const { sink, writer, pass } = create();
    writer.use(ON);
    await pass(2000);
    sink.held.clear();
    await pass(150_000);
    assert.equal(sink.held.size, 0);
    await pass(55_000);
    assert.equal(sink.held.get(`${PREFIX}web01-eth0`), '{"status":"up"}');
  });

  const unfit: readonly (readonly [string, DaemonStatus])[] = [
    ['before the first apply', { ...SAMPLE, rulesInForce: 'last-good' }],
    ['while the datastore may not be applied', { ...SAMPLE, inSync: false }],
    ['while the host is open on purpose', { ...SAMPLE, rulesInForce: 'flushed' }],
    ['while the datastore is away', away(1)],
  ];
  for (const [when, status] of unfit) {
    it(`writes nothing ${when}`, async () => {
      const { sink, writer, set, pass } = create();
      set(status);
      writer.use({ ...ON, reportingIntervalMs: 1000 });
      await pass(15_000);
      assert.deepEqual(sink.calls, []);
    });
  }

  it('warns once when it may not write, tries again ever more rarely, and says when it works', async () => {
    const { sink, logger, writer, pass } = create();
    sink.failure = new Error('permission denied');
    writer.use(ON);
    await pass(100_000);
    assert.deepEqual(logger.lines, [
      'warn could not write the status of host endpoints to the datastore: enforcement goes on, trying again',
    ]);
    assert.deepEqual(logger.fields, [{ error: 'permission denied' }]);
    // After 1 s, then 5, 10, 20 and 40 s later.
    assert.equal(sink.calls.length, 5);
    sink.failure = null;
    await pass(100_000);
    assert.equal(logger.lines[1], 'info the status of host endpoints is written again');
    assert.equal(sink.held.size, 1);
  });

  it('says that the process is alive after ten seconds and at every interval, with a TTL', async () => {
    const { sink, writer, pass } = create();
    writer.use({ ...ON, reportingIntervalMs: 30_000 });
    await pass(FIRST_PROCESS_STATUS_MS - 50);
    assert.equal(sink.held.has(`${PROCESS}status`), false);
    await pass(50);
    const first = JSON.parse(sink.held.get(`${PROCESS}status`) ?? '') as Record<string, unknown>;
    assert.equal(first['first_update'], true);
    assert.deepEqual([...sink.ttls], [[`${PROCESS}status`, 90_000]]);
    assert.equal(
      sink.held.get(`${PROCESS}last_reported_status`),
      sink.held.get(`${PROCESS}status`),
    );
    await pass(30_000);
    const second = JSON.parse(sink.held.get(`${PROCESS}status`) ?? '') as Record<string, unknown>;
    assert.equal(second['first_update'], false);
    assert.equal(Number(second['uptime']) - Number(first['uptime']), 30);
  });

  it('changes its pace with the settings, and stops when it is switched off', async () => {
    const { sink, writer, set, pass } = create();
    writer.use({ ...ON, endpointReportingDelayMs: 600_000 });
    await pass(5000);
    assert.deepEqual(sink.calls, []);
    writer.use(ON);
    await pass(1000);
    assert.equal(sink.held.size, 1);
    writer.use({ ...ON, endpointReportingEnabled: false });
    set({ ...SAMPLE, endpoints: [] });
    await pass(5000);
    assert.equal(sink.held.size, 1);
  });

  it('begins nothing after it was closed', async () => {
    const { sink, writer, pass } = create();
    writer.use(ON);
    await writer.close();
    await pass(5000);
    assert.equal(sink.isClosed, true);
    assert.deepEqual(sink.calls, []);
  });
});
