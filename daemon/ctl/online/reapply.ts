import { EXIT } from '../../exit-codes.ts';
import type { Call } from '../command.ts';
import { askDaemon } from './ask-daemon.ts';

/** `rampartctl reapply`: read everything again and write what differs. */
export async function run({ output }: Call): Promise<number> {
  const answer = await askDaemon((client) => client.reapply(), '');
  const { applied, revision } = answer;
  await output.print(answer, () =>
    applied === null
      ? `nothing had to be written: revision ${revision} is in force`
      : `revision ${revision} is in force: ${applied.operations} operations in ${applied.durationMs.toFixed(1)} ms`,
  );
  return EXIT.ok;
}
