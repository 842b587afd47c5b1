import { serviceText } from './hosts.ts';
import { loggedPackets, withKernelLog } from './log-rules.ts';
import { type Change, diffLines } from './change.ts';
import { type Look, type Paper, wrap } from './paper.ts';
import type { Row } from './row.ts';
import type { Stage } from './stage.ts';
import { QUARANTINE, type Step } from './story.ts';
import { type Finding, isSurprise, printTable } from './table.ts';
import { changeUnderTraffic, openSession, startUnderTraffic } from './traffic.ts';

const LINES_SHOWN = 4;

/** Where the story is played, where it is printed, and how many connections came out which way. */
export interface Scene {
  readonly stage: Stage;
  readonly paper: Paper;
  readonly tally: { expected: number; surprises: number };
}

/** Plays one step and prints what is to be seen. */
export async function play(scene: Scene, step: Step): Promise<void> {
  switch (step.kind) {
    case 'say':
      say(scene, step.text);
      return;
    case 'apply':
      show(scene, step.change);
      say(scene, `in force after ${(await scene.stage.apply(step.change)).toFixed()} ms`, 'dim');
      return;
    case 'open-session':
      return openSession(scene.stage, step.row);
    case 'table':
      return step.logged === true ? loggedTable(scene, step.rows) : table(scene, step.rows);
    case 'edit-under-traffic':
      return editUnderTraffic(scene, step.change, step.stops);
    case 'kill':
      await scene.stage.daemon.kill();
      say(scene, 'kill -9. Nobody watches over db-1 now:');
      return;
    case 'return':
      return comeBack(scene, step.rows);
  }
}

function say({ paper }: Scene, text: string, look?: Look): void {
  for (const line of wrap(text, paper.width - 2))
    paper.line(look === undefined ? `  ${line}` : paper.paint(look, `  ${line}`));
}

/** A manifest change as a diff has it. */
function show({ paper }: Scene, change: Change): void {
  paper.line();
  paper.line(paper.paint('bold', `  ${change.about}`) + paper.paint('dim', `  ${change.file}`));
  for (const { sign, text } of diffLines(change)) {
    const line = `  ${sign} ${text}`;
    paper.line(sign === ' ' ? line : paper.paint(sign === '+' ? 'green' : 'red', line));
  }
}

async function table(scene: Scene, rows: readonly Row[]): Promise<void> {
  const findings: Finding[] = [];
  for (const row of rows) findings.push(await scene.stage.ask(row));
  count(scene, findings.filter(isSurprise).length, findings.length);
  printTable(scene.paper, findings);
}

async function loggedTable(scene: Scene, rows: readonly Row[]): Promise<void> {
  const before = loggedPackets(await scene.stage.counters(), QUARANTINE);
  const logged = await withKernelLog(() => table(scene, rows));
  const packets = loggedPackets(await scene.stage.counters(), QUARANTINE) - before;
  say(scene, `The Log rules of ${QUARANTINE} counted ${packets} packets.`);
  if (packets === 0) count(scene, 1, 1);
  if (logged.kind === 'unreadable') {
    say(scene, `Their lines in the kernel log cannot be shown here: ${logged.why}.`, 'yellow');
    return;
  }
  const { length } = logged.lines;
  const which = length > LINES_SHOWN ? `, ${LINES_SHOWN} of them` : '';
  say(scene, `In the kernel log: ${length} lines${which}:`);
  for (const line of logged.lines.slice(0, LINES_SHOWN)) say(scene, line, 'cyan');
}

async function editUnderTraffic(scene: Scene, change: Change, stops: Row): Promise<void> {
  show(scene, change);
  const { through, deniedAfterMs } = await changeUnderTraffic(scene.stage, change, stops);
  count(scene, 0, through + 1);
  const { from, service } = stops;
  say(scene, `${through} new connections of ${from} to ${serviceText(service)} got through;`);
  say(scene, `the first denied began ${deniedAfterMs.toFixed()} ms after the file changed.`);
}

async function comeBack(scene: Scene, rows: readonly Row[]): Promise<void> {
  say(scene, 'The daemon is started again, while both keep connecting every 10 ms:');
  const results = await startUnderTraffic(scene.stage, rows);
  for (const [i, row] of rows.entries()) {
    const { sent, answered } = results[i] ?? { sent: 0, answered: 0 };
    say(scene, `${row.from}: ${sent} connections, ${answered} answered, ${sent - answered} not`);
    count(scene, row.expected === 'allowed' ? sent - answered : answered, sent);
  }
}

function count({ tally }: Scene, surprises: number, all: number): void {
  tally.surprises += surprises;
  tally.expected += all - surprises;
}
