// The whole test suite, as `npm test` runs it: sets the machine up, then every stage in order. Stages that
// touch the network run in a network namespace of their own. Ends with one line of counts for everything.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);

const scratch = mkdtempSync(join(tmpdir(), 'rampart-test-'));
const countsFile = join(scratch, 'counts');
writeFileSync(countsFile, '');

const bin = (name) => join('node_modules', '.bin', name);
const MOCHA = [
  process.execPath,
  '--import=tsx',
  join('node_modules', 'mocha', 'bin', 'mocha.js'),
  '--no-config',
  '--extension=ts',
  '--forbid-only',
  '--reporter=./scripts/counting-reporter.cjs',
];
const isolated = (command) => [
  'unshare',
  '--net',
  'sh',
  '-c',
  'ip link set lo up && exec "$@"',
  'sh',
  ...command,
];

// A process for each room: what one loads into its process (native libraries, connections) is not another's.
function integrationRooms() {
  return readdirSync('test', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'packets')
    .map(({ name }) => name)
    .filter((name) =>
      readdirSync(join('test', name), { recursive: true, encoding: 'utf8' }).some((file) =>
        file.endsWith('.itest.ts'),
      ),
    );
}

/** Each stage: a name, a command, and whether its own reporter counts its tests. */
const STAGES = [
  { name: 'format', command: [bin('prettier'), '--check', '.'] },
  { name: 'lint', command: [bin('eslint'), '.'] },
  { name: 'types', command: [bin('tsc'), '-p', 'tsconfig.test.json'] },
  { name: 'rooms', command: [bin('depcruise'), 'src', 'daemon'] },
  { name: 'build', command: ['npm', 'run', '--silent', 'build'] },
  {
    name: 'unit',
    counts: true,
    command: [...MOCHA, '--timeout=10000', 'test/**/*.test.ts'],
  },
  { name: 'coverage', command: ['scripts/coverage.sh'] },
  ...integrationRooms().map((room) => ({
    name: `integration ${room}`,
    counts: true,
    command: isolated([...MOCHA, '--timeout=60000', `test/${room}/**/*.itest.ts`]),
  })),
  {
    name: 'packets',
    counts: true,
    command: isolated([...MOCHA, '--timeout=120000', 'test/packets/**/*.itest.ts']),
  },
];

function runStage({ name, command, counts }) {
  console.log(`\n=== ${name}`);
  const started = Date.now();
  const before = readFileSync(countsFile, 'utf8');
  const [program, ...args] = command;
  const { status, error } = spawnSync(program, args, {
    stdio: 'inherit',
    env: { ...process.env, MOCHA_COUNTS_FILE: countsFile },
  });
  if (error) console.error(error.message);
  const reported = readFileSync(countsFile, 'utf8') !== before;
  const isGood = status === 0;
  // A runner that died before its summary has failed, whatever it printed.
  if (!counts) record({ passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, skipped: 0 });
  else if (!reported) record({ passed: 0, failed: 1, skipped: 0 });
  console.log(`=== ${name}: ${isGood ? 'good' : 'BAD'} in ${(Date.now() - started) / 1000} s`);
  return isGood;
}

function record(counts) {
  writeFileSync(countsFile, `${JSON.stringify(counts)}\n`, { flag: 'a' });
}

function total() {
  const lines = readFileSync(countsFile, 'utf8').split('\n').filter(Boolean).map(JSON.parse);
  const sum = (key) => lines.reduce((all, line) => all + line[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

const wanted = process.argv.slice(2);
const stages = STAGES.filter(
  ({ name }) =>
    wanted.length === 0 || wanted.some((one) => name === one || name.startsWith(`${one} `)),
);
const results = stages.map(runStage);
const { passed, failed, skipped } = total();
rmSync(scratch, { recursive: true });
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(results.every(Boolean) && failed === 0 && stages.length > 0 ? 0 : 1);
