import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ctl } from '../daemon/ctl/run.ts';

const ROOT = fileURLToPath(new URL('.', import.meta.url));

/** Objects in, ruleset out. */
export interface GoldenCase {
  readonly name: string;
  readonly rulesetFile: string;
  /** Which host, as the first line of its resources says it. */
  readonly args: readonly string[];
  /** What is kept; empty where nothing is yet. */
  readonly ruleset: string;
}

/** All cases: directories with a resources.yaml whose first line is `# rampartctl render …`. */
export function goldenCases(): readonly GoldenCase[] {
  const names = readdirSync(ROOT, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );
  return names.sort().map((name) => {
    const directory = join(ROOT, name);
    const text = readFileSync(join(directory, 'resources.yaml'), 'utf8');
    const line = /^# rampartctl render (.*)\n/.exec(text)?.[1];
    if (line === undefined) throw new Error(`${name}: begin with "# rampartctl render …"`);
    const rulesetFile = join(directory, 'ruleset.nft');
    return {
      name,
      rulesetFile,
      args: ['render', '--resources', directory, ...line.split(' ')],
      ruleset: existsSync(rulesetFile) ? readFileSync(rulesetFile, 'utf8') : '',
    };
  });
}

/** The ruleset of a case as it is today. */
export async function renderCase({ name, args }: GoldenCase): Promise<string> {
  const { exitCode, out, err } = await ctl(args);
  if (exitCode !== 0) throw new Error(`${name}: ended with ${exitCode}: ${err}`);
  return out;
}
