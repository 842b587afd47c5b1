import assert from 'node:assert/strict';
import { DeniedFlows } from '../../src/agent/denied-flows.ts';
import { LastGood } from '../../src/agent/last-good.ts';
import { createControlHandler } from '../../src/agent/control-handler.ts';
import { NORMAL } from '../../src/agent/rollback-state.ts';
import { SettingsResolver } from '../../src/agent/settings-resolver.ts';
import type { TurnReport } from '../../src/agent/turn-report.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { ControlError } from '../../src/control/handler.ts';
import type { ControlHandler } from '../../src/control/handler.ts';
import { createMemoryPacketLog } from '../../src/nflog/memory-packet-log.ts';
import { createRig } from '../agent/rig.ts';
import { protection } from '../faults/table-bench.ts';
import { createManualClock } from '../status/manual-clock.ts';
import { SAMPLE } from '../status/sample-status.ts';

/** The daemon's own side of the local API, on a loop that holds a policy in memory; a flush changes nothing. */
export async function localDaemon(): Promise<ControlHandler> {
  const clock = createManualClock();
  const logger = silentLogger;
  const lastGood = new LastGood(
    { stateDir: '', version: '1', nodeName: 'hosta', isSettled: () => true },
    { clock, logger },
  );
  const turns: TurnReport[] = [];
  const turned = (report: TurnReport): void => {
    turns.push(report);
    lastGood.turned(report);
  };
  const rig = createRig(clock, undefined, { turned }, (nftables) => lastGood.recording(nftables));
  rig.put(...protection());
  await rig.loop.start();
  await rig.settled();
  const lastTurn = turns.at(-1) ?? assert.fail('nothing was applied');
  const { loop, nftables } = rig;
  return createControlHandler({
    ...{ nodeName: 'hosta', clock, nftables, loop, lastGood },
    keeper: { snapshot: () => ({ ...SAMPLE, rulesInForce: 'flushed' }), lastTurn },
    conntrack: { list: () => Promise.resolve([]) },
    flushed: { until: null, set: () => Promise.resolve(), clear: () => Promise.resolve() },
    trusted: { guid: null, trust: () => Promise.resolve() },
    staged: { report: notHere },
    flows: new DeniedFlows({
      ...{ clock, logger, packetLog: createMemoryPacketLog() },
      ...{ inForce: () => null, changed: () => undefined },
    }),
    rollback: {
      ...{ state: NORMAL, saved: notHere, confirm: notHere },
      trial: {
        ...{ isPossible: true, files: new Map() },
        ...{ open: notHere, withdraw: () => Promise.resolve() },
      },
    },
    history: { answer: notHere },
    routes: { to: notHere },
    cutter: { look: notHere, cut: notHere },
    turns: { next: () => Promise.resolve(lastTurn) },
    dataplane: dataplane(),
  });
}

function notHere(): Promise<never> {
  return Promise.reject(new ControlError(503, 'not-here', 'not in memory'));
}

function dataplane(): () => SettingsResolver['dataplane'] {
  const config = loadConfig({ fileText: null, filePath: '', environment: {}, hostName: 'hosta' });
  assert.ok(config.ok);
  const resolver = new SettingsResolver(config.value, () => undefined);
  resolver.resolve({ perHost: null, bySelector: null, global: null });
  return () => resolver.dataplane;
}
