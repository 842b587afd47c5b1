// What rampartctl takes to start, beside node alone.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Medians of whole processes, milliseconds. */
export interface CtlStartFigures {
  readonly bareMs: number;
  readonly versionMs: number;
  readonly checkMs: number;
}

const MANIFEST = 'apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: { name: t }\nspec: {}\n';

/** Measures all in turn, `runs` times. Needs `npm run build`. */
export function measureCtlStart(runs: number): CtlStartFigures {
  const home = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
  try {
    const file = join(home, 'tier.yaml');
    writeFileSync(file, MANIFEST);
    const times = Array.from({ length: runs }, () => ({
      bareMs: timeNode('-e', '0'),
      versionMs: timeNode('dist/daemon/rampartctl.js', '--version'),
      checkMs: timeNode('dist/daemon/rampartctl.js', 'check', file),
    }));
    return {
      bareMs: median(times.map(({ bareMs }) => bareMs)),
      versionMs: median(times.map(({ versionMs }) => versionMs)),
      checkMs: median(times.map(({ checkMs }) => checkMs)),
    };
  } finally {
    rmSync(home, { recursive: true });
  }
}

/** One line for a terminal. */
export function formatCtlStart({ bareMs, versionMs, checkMs }: CtlStartFigures): string {
  const against = (ms: number): string =>
    `${Math.round(ms)} ms (+${Math.round(ms - bareMs)} ms, ratio ${(ms / bareMs).toFixed(2)})`;
  return (
    `rampartctl --version ${against(versionMs)}; check of one file ${against(checkMs)}; ` +
    `node -e 0 ${Math.round(bareMs)} ms`
  );
}

function timeNode(...args: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${String(status)}: ${stderr}`);
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}
