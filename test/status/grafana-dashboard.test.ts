import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before } from 'mocha';
import { createBusyMetrics, seriesOf } from './full-scrape.ts';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: Box;
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}

interface Dashboard {
  readonly title: string;
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly definition?: string }[];
  };
}

const FILE = new URL('../../docs/grafana-dashboard.json', import.meta.url);
const dashboard = JSON.parse(readFileSync(FILE, 'utf8')) as Dashboard;
const { panels, templating } = dashboard;
const charts = panels.filter(({ type }) => type !== 'row');

// Prometheus puts these on every series it scrapes.
const FROM_PROMETHEUS = ['job', 'instance'];

/** What a query asks for: metrics with the labels that are asked of them. */
function selectors(
  expr: string,
): readonly { readonly metric: string; readonly labels: readonly string[] }[] {
  return [...expr.matchAll(/\b((?:rampart|felix|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, metric = '', matchers = '']) => ({
      metric,
      labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    }),
  );
}

function groupings(expr: string): readonly string[] {
  return [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(/,\s*/));
}

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

describe('docs/grafana-dashboard.json', () => {
  const labelsByMetric = new Map<string, Set<string>>();
  before(async () => {
    for (const series of (await seriesOf(createBusyMetrics())).keys()) {
      const [metric = '', labels = ''] = series.split('{', 2);
      const known = labelsByMetric.get(metric) ?? new Set(FROM_PROMETHEUS);
      for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
      labelsByMetric.set(metric, known);
    }
  });

  it('has a name, an identity and panels with numbers of their own', () => {
    assert.match(dashboard.title, /Rampart/);
    assert.match(dashboard.uid, /^[a-z-]{1,40}$/);
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    assert.equal(new Set(charts.map(({ title }) => title)).size, charts.length);
    assert.ok(charts.length >= 20);
  });

  it('explains every panel', () => {
    for (const { title, description = '' } of charts) assert.match(description, /\.$/, title);
  });

  it('places panels side by side on 24 columns', () => {
    for (const [i, { title, gridPos }] of panels.entries()) {
      assert.ok(gridPos.x >= 0 && gridPos.x + gridPos.w <= 24, title);
      for (const other of panels.slice(i + 1)) {
        assert.equal(overlaps(gridPos, other.gridPos), false, `${title} and ${other.title}`);
      }
    }
  });

  for (const { title, targets = [] } of charts) {
    it(`asks for what a scrape has: ${title}`, () => {
      assert.ok(targets.length > 0);
      assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length);
      for (const { expr } of targets) {
        const asked = selectors(expr);
        assert.ok(asked.length > 0, expr);
        for (const { metric, labels } of asked) {
          const known = labelsByMetric.get(metric);
          assert.ok(known !== undefined, `${metric} is not in the scrape`);
          for (const label of [...labels, ...groupings(expr)]) {
            assert.ok(known.has(label), `${metric} has no label ${label}`);
          }
        }
      }
    });
  }

  it('filters every query by the variables it offers', () => {
    const names = new Set(templating.list.map(({ name }) => name));
    const texts = charts.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    for (const expr of texts) {
      assert.match(expr, /job=~"\$job",instance=~"\$instance"/);
      for (const [, name = ''] of expr.matchAll(/\$(\w+)/g)) {
        assert.ok(names.has(name) || name.startsWith('__'), name);
      }
    }
    for (const { definition = '' } of templating.list) {
      for (const { metric } of selectors(definition)) assert.ok(labelsByMetric.has(metric));
    }
  });
});
