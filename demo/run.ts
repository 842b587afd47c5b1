// The demo: three hosts made of network namespaces, the real daemon on one of them, and what becomes of
// connections while policy changes. Nothing of the machine itself is filtered, and nothing is left behind.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sweepNamespaces } from '../test/support/netns.ts';
import { openPaper, type Paper, wrap } from './paper.ts';
import { play, type Scene } from './perform.ts';
import { Stage } from './stage.ts';
import { STORY } from './story.ts';

const BUILT = fileURLToPath(new URL('../dist/daemon/rampartd.js', import.meta.url));

async function main(): Promise<number> {
  if (process.getuid?.() !== 0) {
    process.stderr.write('The demo makes network namespaces: please run it as root.\n');
    return 1;
  }
  // What is installed is what is shown; a checkout without a build runs from its sources.
  if (existsSync(BUILT)) process.env['RAMPART_TEST_DAEMON'] ??= 'dist';
  // A reader that went away, such as head(1), ends the demo; the exit handlers clean up.
  process.stdout.on('error', () => process.exit(1));
  const paper = openPaper(process.stdout);
  const began = performance.now();
  await sweepNamespaces();
  const stage = await Stage.build();
  try {
    return await tellStory({ stage, paper, tally: { expected: 0, surprises: 0 } }, began);
  } finally {
    await stage.dispose();
  }
}

async function tellStory(scene: Scene, began: number): Promise<number> {
  const { paper, tally } = scene;
  introduce(paper);
  for (const [i, act] of STORY.entries()) {
    paper.line();
    paper.line(paper.paint('bold', `${i + 1}. ${act.title}`));
    for (const step of act.steps) await play(scene, step);
  }
  const { expected, surprises } = tally;
  const seconds = ((performance.now() - began) / 1000).toFixed();
  const summary = `${expected} connections as expected, ${surprises} surprises`;
  paper.line();
  paper.line(paper.paint(surprises === 0 ? 'green' : 'yellow', summary) + ` (${seconds} s)`);
  return surprises === 0 ? 0 : 1;
}

function introduce(paper: Paper): void {
  paper.line(paper.paint('bold', 'Rampart, on three hosts made of network namespaces'));
  paper.line();
  paper.line('  app-1     192.0.2.20  2001:db8::20  ┐');
  paper.line('  outsider  192.0.2.66  2001:db8::66  ┴─  db-1  192.0.2.10  2001:db8::10');
  paper.line();
  const text =
    'rampartd runs on db-1 and reads its policies from a directory of manifests, whenever that has been ' +
    'quiet for 50 ms: these are part of every time shown. v6 is IPv6; the rest is IPv4.';
  for (const line of wrap(text, paper.width)) paper.line(line);
}

process.exitCode = await main();
