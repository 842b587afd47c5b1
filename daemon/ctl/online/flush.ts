import { EXIT } from '../../exit-codes.ts';
import type { Call } from '../command.ts';
import { askDaemon } from './ask-daemon.ts';
import { readTime } from './read-time.ts';

/** `rampartctl flush`: opens this host on purpose. */
export async function run({ options, output }: Call): Promise<number> {
  const time = options['for'];
  const seconds = typeof time === 'string' ? readTime('--for', time) : null;
  const answer = await askDaemon((client) => client.flush(seconds), '');
  await output.print(answer, () => {
    const end = answer.until === 'forever' ? '' : ` or, by itself, ${answer.until}`;
    return output.paint('red', `this host is OPEN until "rampartctl reapply"${end}`);
  });
  return EXIT.ok;
}
