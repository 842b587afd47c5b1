import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { History } from '../../src/agent/history.ts';
import { HISTORY_SETTLE_MS } from '../../src/agent/settling-policy.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { TurnReport } from '../../src/agent/turn-report.ts';
import type { CalicoObject } from '../support/calico.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { createRig } from './rig.ts';
import type { Rig } from './rig.ts';

const HEP: CalicoObject = {
  kind: 'HostEndpoint',
  metadata: { name: 'edge' },
  spec: { node: 'hosta', interfaceName: 'eth0' },
};

function policy(port: number): CalicoObject {
  const ingress = [{ action: 'Allow', protocol: 'TCP', destination: { ports: [port] } }];
  return {
    kind: 'GlobalNetworkPolicy',
    metadata: { name: 'p' },
    spec: { tier: 'default', types: ['Ingress'], ingress },
  };
}

describe('History', () => {
  let stateDir: string;
  let rig: Rig;
  let clock: ManualClock;

  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'rampart-history-'));
    clock = new ManualClock();
    rig = createRig();
    rig.put(HEP, policy(80));
    await rig.loop.start();
    await rig.settled();
  });

  afterEach(async () => {
    await rig.loop.close();
    await rm(stateDir, { recursive: true });
  });

  const open = (): History =>
    new History({ stateDir, clock, logger: silentLogger, nftables: rig.nftables });

  async function turn(...objects: readonly CalicoObject[]): Promise<TurnReport> {
    rig.put(...objects);
    await rig.settled();
    const report = rig.turns.at(-1);
    assert.ok(report);
    return report;
  }

  async function rulesAdded(history: History): Promise<readonly (readonly string[])[]> {
    const { history: records } = await history.answer();
    return records.flatMap((one) => (one.kind === 'rules' ? [one.rulesAdded] : []));
  }

  it('moves a pipe in the place of its state aside instead of waiting for it', async () => {
    execFileSync('mkfifo', ['-m', '600', join(stateDir, 'history.state')]);
    const history = open();
    await history.answer();
    assert.deepEqual(
      history.faults().map(({ code }) => code),
      ['history-damaged'],
    );
    assert.ok(statSync(join(stateDir, 'history.damaged')).isFIFO());
    await history.close();
  });

  it('records changes of rules that come one after the other as one', async () => {
    const history = open();
    history.turned(await turn());
    clock.advance(HISTORY_SETTLE_MS);
    history.turned(await turn(policy(81)));
    history.turned(await turn(policy(82)));
    clock.advance(HISTORY_SETTLE_MS);
    const added = await rulesAdded(history);
    assert.equal(added.length, 2);
    assert.match(added[1]?.join() ?? '', /\b82\b/);
    await history.close();
  });

  it('records a change that is taken back meanwhile not at all', async () => {
    const history = open();
    history.turned(await turn());
    clock.advance(HISTORY_SETTLE_MS);
    history.turned(await turn(policy(81)));
    history.turned(await turn(policy(80)));
    assert.equal((await rulesAdded(history)).length, 1);
    await history.close();
  });

  it('does not record again what a process recorded that died before it saved its state', async () => {
    const report = await turn();
    const died = open();
    died.turned(report);
    assert.equal((await rulesAdded(died)).length, 1);
    const next = open();
    next.turned(report);
    assert.equal((await rulesAdded(next)).length, 1);
    await next.close();
  });
});
