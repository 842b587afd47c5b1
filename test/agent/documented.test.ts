import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ALARM_CODES } from '../../src/agent/alarms.ts';
import { createBusyMetrics } from '../status/full-scrape.ts';

function read(name: string): string {
  return readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
}

function sorted(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].sort();
}

describe('docs/alarms.md', () => {
  it('explains every alarm there is, and no other', () => {
    const rows = read('alarms.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    const codes = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, code = '']) => code),
    );
    assert.deepEqual(sorted(codes), sorted(ALARM_CODES));
  });
});

describe('docs/metrics.md', () => {
  it('explains every metric there is, and no other', async () => {
    const text = read('metrics.md');
    const documented = [...text.matchAll(/`((?:rampart|felix)_\w+)`/g)].map(
      ([, name = '']) => name,
    );
    const scrape = await createBusyMetrics().render();
    const served = [...scrape.matchAll(/^# HELP ((?:rampart|felix)_\w+) /gm)].map(
      ([, name = '']) => name,
    );
    assert.deepEqual(sorted(documented), sorted(served));
  });
});
