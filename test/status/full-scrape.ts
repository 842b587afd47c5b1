import { createMetrics } from '../../src/status/metrics.ts';
import type { Metrics } from '../../src/status/metrics.ts';
import { NOW, SAMPLE } from './sample-status.ts';

/** Metrics of a host on which everything that is counted has happened at least once. */
export function createBusyMetrics(): Metrics {
  const labels = { direction: 'ingress', tier: 'default' } as const;
  const rule = { policy: 'p', kind: 'GlobalNetworkPolicy', namespace: '', rule: '0' } as const;
  const set = { set: 's-1', kind: 'selector', family: '4', selector: 'all()' } as const;
  const metrics = createMetrics({
    status: () => ({
      ...SAMPLE,
      alarms: [{ code: 'a', objects: ['x', 'y'], message: 'm', since: NOW }],
    }),
    now: () => NOW,
    hasProcessMetrics: true,
    alarmCodes: ['a', 'b'],
    traffic: () =>
      Promise.resolve({
        rules: [{ labels: { ...labels, ...rule, action: 'Deny' }, packets: 3, bytes: 300 }],
        denials: [{ labels: { ...labels, reason: 'tier', endpoint: 'e' }, packets: 5, bytes: 500 }],
        wouldDeny: [
          { labels: { ...labels, ...rule, reason: 'rule', endpoint: '' }, packets: 7, bytes: 700 },
        ],
      }),
    sets: () => [{ labels: set, members: 12 }],
    flows: () => ({
      denied: [{ labels: { tier: 'default', policy: 'p', reason: 'rule' }, flows: 2 }],
      lost: 1,
    }),
    staged: () => [{ labels: { policy: 'p', change: 'allow-to-deny' }, flows: 4 }],
  });
  metrics.serve();
  metrics.recordUpdates('Tier', 1);
  metrics.recordUpdateTime(1);
  metrics.recordResync();
  metrics.recordApply(2, 7);
  metrics.recordApplyError('busy');
  metrics.recordRead(true);
  metrics.recordForeignChange();
  metrics.recordCut(2);
  return metrics;
}

/** Every series of a scrape, as it stands there, with its value. */
export async function seriesOf(metrics: Metrics): Promise<ReadonlyMap<string, number>> {
  const lines = (await metrics.render()).split('\n').filter((line) => /^[a-z]/.test(line));
  return new Map(
    lines.map((line) => {
      const cut = line.lastIndexOf(' ');
      return [line.slice(0, cut), Number(line.slice(cut + 1))];
    }),
  );
}
