// The whole test suite, as `npm test` runs it: phases one after another, the stages of a phase in two lanes side by
// side. Stages that touch the network run in a network namespace of their own. Ends with one line of counts.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);

const scratch = mkdtempSync(join(tmpdir(), 'rampart-test-'));

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

// These set what may write to the kernel's log, which is one for the machine: never side by side.
const PACKET_ROOMS = ['packets', 'introduction', 'demo'];

// A process for each room: what one loads into its process (native libraries, connections) is not another's.
function integrationRooms() {
  return readdirSync('test', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) =>
      readdirSync(join('test', name), { recursive: true, encoding: 'utf8' }).some((file) =>
        file.endsWith('.itest.ts'),
      ),
    );
}

const integration = (room, timeoutMs) => ({
  name: `integration ${room}`,
  counts: true,
  command: isolated([...MOCHA, `--timeout=${timeoutMs}`, `test/${room}/**/*.itest.ts`]),
});

/**
 * Each phase: two lanes of stages. Each stage: a name, a command, and whether its own reporter counts its tests.
 */
const PHASES = [
  [
    [
      { name: 'lint', command: [bin('eslint'), '.'] },
      { name: 'rooms', command: [bin('depcruise'), 'src', 'daemon'] },
    ],
    [
      { name: 'format', command: [bin('prettier'), '--check', '.'] },
      { name: 'types', command: [bin('tsc'), '-p', 'tsconfig.test.json'] },
      { name: 'build', command: ['npm', 'run', '--silent', 'build'] },
    ],
  ],
  [
    [{ name: 'unit', counts: true, command: [...MOCHA, '--timeout=20000', 'test/**/*.test.ts'] }],
    [{ name: 'coverage', command: ['scripts/coverage.sh'] }],
  ],
  [
    PACKET_ROOMS.filter((room) => integrationRooms().includes(room)).map((room) =>
      integration(room, 120_000),
    ),
    integrationRooms()
      .filter((room) => !PACKET_ROOMS.includes(room))
      .map((room) => integration(room, 60_000)),
  ],
  // With the network: a container's root is made from Debian's mirror, once.
  [[{ name: 'packages', counts: true, command: [...MOCHA, 'test/packages/deb.ptest.ts'] }]],
];

/** Runs a stage and answers its counts and what failed. What it prints appears when it ends, so that lanes do not mix. */
async function runStage({ name, command, counts }) {
  const started = Date.now();
  const countsFile = join(scratch, name.replaceAll(' ', '-'));
  const { isGood, output } = await runCommand(command, countsFile);
  const how = isGood ? 'good' : 'BAD';
  console.log(`\n=== ${name}\n${output}=== ${name}: ${how} in ${(Date.now() - started) / 1000} s`);
  const bad = (reason) => [{ test: name, reason }];
  if (!counts && isGood) return { passed: 1, failed: 0, skipped: 0, failures: [] };
  if (!counts) return { passed: 0, failed: 1, skipped: 0, failures: bad(lastLines(output)) };
  // A runner that died before its summary has failed, whatever it printed.
  if (!existsSync(countsFile))
    return { passed: 0, failed: 1, skipped: 0, failures: bad('it died') };
  const reported = JSON.parse(readFileSync(countsFile, 'utf8'));
  if (isGood || reported.failed > 0) return reported;
  return { ...reported, failed: 1, failures: bad('it ended badly, with all its tests good') };
}

function lastLines(output) {
  return output.trimEnd().split('\n').slice(-20).join('\n');
}

function runCommand([program, ...args], countsFile) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, MOCHA_COUNTS_FILE: countsFile },
    });
    let output = '';
    const keep = (chunk) => (output += chunk);
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.once('error', (error) => resolve({ isGood: false, output: `${error.message}\n` }));
    child.once('close', (status) => resolve({ isGood: status === 0, output }));
  });
}

async function runLane(stages) {
  const counts = [];
  for (const stage of stages) counts.push(await runStage(stage));
  return counts;
}

const wanted = process.argv.slice(2);
const isWanted = ({ name }) =>
  wanted.length === 0 || wanted.some((one) => name === one || name.startsWith(`${one} `));
const counts = [];
for (const lanes of PHASES) {
  const chosen = lanes.map((lane) => lane.filter(isWanted));
  counts.push(...(await Promise.all(chosen.map(runLane))).flat());
}
rmSync(scratch, { recursive: true });
// Once more at the end, where whoever looks at the counts finds them.
for (const { test, reason } of counts.flatMap(({ failures }) => failures)) {
  console.log(`\n=== FAILED: ${test}\n${reason}`);
}
const sum = (key) => counts.reduce((all, one) => all + one[key], 0);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exitCode = sum('failed') === 0 && counts.length > 0 ? 0 : 1;
