import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ConnectionCutter } from '../../src/agent/connection-cutter.ts';
import { createCtnetlinkConntrack } from '../../src/conntrack/ctnetlink-conntrack.ts';
import { createLocalSockets } from '../../src/conntrack/local-sockets.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { createRtnetlinkRoutes } from '../../src/host/routes.ts';
import type { HostEndpoint } from '../../src/resource/resource.ts';
import { describeInNamespace } from '../netlink/describe-in-namespace.ts';
import { systemClock } from '../host/manual-clock.ts';
import { insertFlows } from '../conntrack/insert-flows.ts';
import { localPolicyOf, NODE } from '../support/random-policy.ts';
import { SETTINGS } from '../support/settings.ts';

const FLOWS = 100_000;
/** How long others may have to wait. */
const LONGEST_MS = 50;
const LINKS = `link set lo up
link add eth0 type veth peer name peer0
link set eth0 up
link set peer0 up
address add 10.0.1.1/24 dev eth0
`;

// Time that this thread had a processor, so that whatever else the machine does is no wait of ours.
function busyMs(): number {
  const [ns = '0'] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  return Number(ns) / 1e6;
}

/** What keeps others from their turn: the most that was done between two turns of the event loop, milliseconds. */
class Waits {
  #longest = 0;
  #last = busyMs();
  #isOver = false;

  constructor() {
    this.#look();
  }

  stop(): number {
    this.#isOver = true;
    return this.#longest;
  }

  #look(): void {
    const now = busyMs();
    this.#longest = Math.max(this.#longest, now - this.#last);
    this.#last = now;
    if (!this.#isOver)
      setImmediate(() => {
        this.#look();
      });
  }
}

describeInNamespace('cutting among 100,000 flows', () => {
  const conntrack = createCtnetlinkConntrack();
  const sockets = createLocalSockets();
  const routes = createRtnetlinkRoutes();

  before(async function () {
    this.timeout(60_000);
    execFileSync('ip', ['-batch', '-'], { input: LINKS });
    await insertFlows(FLOWS);
  });
  after(async () => {
    await Promise.all([conntrack.close(), sockets.close(), routes.close()]);
    execFileSync('conntrack', ['-F'], { stdio: 'ignore' });
    execFileSync('ip', ['link', 'del', 'eth0']);
    execFileSync('ip', ['link', 'set', 'lo', 'down']);
  });

  it('keeps nobody waiting', async function () {
    this.timeout(60_000);
    const shown = execFileSync('ip', ['-j', 'link', 'show', 'eth0'], { encoding: 'utf8' });
    const [{ ifindex: index }] = JSON.parse(shown) as [{ readonly ifindex: number }];
    const eth0 = { index, name: 'eth0', running: true, addresses: ['10.0.1.1'] };
    const endpoint: HostEndpoint = {
      ...{ kind: 'HostEndpoint', namespace: '', name: 'eth0', labels: {}, node: NODE },
      ...{ interfaceName: 'eth0', expectedIPs: [], profiles: [], ports: [] },
    };
    const judge = { policy: localPolicyOf({ resources: [endpoint] }), settings: SETTINGS };
    const cutter = new ConnectionCutter({
      ...{ conntrack, sockets, routes, clock: systemClock, logger: silentLogger },
      inForce: () => Promise.resolve(judge),
      interfaces: () => [eth0],
      isTcpLoose: () => Promise.resolve(true),
      cut: () => undefined,
    });
    const figures: string[] = [];
    for (const [what, ask] of [
      ['look', () => cutter.look(() => true)],
      ['cut', () => cutter.cut(() => true)],
    ] as const) {
      const startedAt = busyMs();
      const waits = new Waits();
      const { lookedAt, refused } = await ask();
      const longest = waits.stop();
      const took = busyMs() - startedAt;
      figures.push(`${what}: ${took.toFixed(0)} ms, longest wait ${longest.toFixed(1)} ms`);
      assert.deepEqual([lookedAt, refused], [FLOWS, FLOWS / 2]);
      assert.ok(longest < LONGEST_MS, figures.join('; '));
    }
    process.stdout.write(`      ${figures.join('; ')}\n`);
    assert.equal((await conntrack.list()).length, FLOWS / 2);
  });
});
