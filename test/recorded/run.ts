// npm run test:golden -- FILE [--only NAME]: replays a recorded file against the daemon.
import { parseArgs } from 'node:util';
import { readRecording, type Scenario } from './recording.ts';
import { type Difference, formatDifference, Replayer } from './replay.ts';

interface Tally {
  passed: number;
  failed: number;
  probes: number;
  known: number;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function chosen(): readonly Scenario[] {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string' } },
  });
  const [file] = positionals;
  if (file === undefined) throw new Error('usage: npm run test:golden -- FILE [--only NAME]');
  const scenarios = readRecording(file);
  const { only } = values;
  const picked = only === undefined ? scenarios : scenarios.filter(({ name }) => name === only);
  if (picked.length === 0) throw new Error(`${file} has no scenario named ${only ?? ''}`);
  return picked;
}

async function replayOne(replayer: Replayer, scenario: Scenario, tally: Tally): Promise<void> {
  let differences: readonly Difference[];
  try {
    differences = await replayer.replay(scenario);
  } catch (thrown) {
    say(`${scenario.name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    tally.failed++;
    return;
  }
  for (const difference of differences) say(formatDifference(difference));
  const known = differences.filter((one) => one.known !== undefined).length;
  tally.probes += scenario.probes.length;
  tally.known += known;
  if (known === differences.length) tally.passed++;
  else tally.failed++;
}

async function main(): Promise<number> {
  const scenarios = chosen();
  const replayer = await Replayer.start();
  const tally: Tally = { passed: 0, failed: 0, probes: 0, known: 0 };
  try {
    for (const scenario of scenarios) await replayOne(replayer, scenario, tally);
    if (process.env['RAMPART_TEST_EVIDENCE'] !== undefined) say(await replayer.ruleset());
  } finally {
    await replayer.dispose();
  }
  say(`${scenarios.length} scenarios, ${tally.probes} probes, ${tally.known} known differences`);
  say(`${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed === 0 ? 0 : 1;
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (thrown: unknown) => {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    process.exitCode = 2;
  },
);
