// state-writer.ts DIRECTORY: replaces the last good rules over and over, ever another size, until it is ended.
import { LAST_GOOD_FILE } from '../../src/agent/last-good.ts';
import { writeDurably } from '../../src/agent/durable-file.ts';

const directory = process.argv[2] ?? '';
for (let round = 0; ; round++) {
  const lines = 1 + ((round * 7919) % 20_000);
  const text = `# ${lines}\n${`${'x'.repeat(63)}\n`.repeat(lines)}`;
  await writeDurably(directory, LAST_GOOD_FILE, [text]);
  if (round === 0) process.stdout.write('started\n');
}
