import { EXIT } from '../../exit-codes.ts';
import type { Call } from '../command.ts';
import { usageError } from '../ctl-error.ts';
import { askDaemon } from './ask-daemon.ts';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `rampartctl flush`: opens this host on purpose. */
export async function run({ options, output }: Call): Promise<number> {
  const time = options['for'];
  const seconds = typeof time === 'string' ? readTime(time) : null;
  const answer = await askDaemon((client) => client.flush(seconds), '');
  await output.print(answer, () => {
    const end = answer.until === 'forever' ? '' : ` or, by itself, ${answer.until}`;
    return output.paint('red', `this host is OPEN until "rampartctl reapply"${end}`);
  });
  return EXIT.ok;
}

function readTime(text: string): number {
  const [, number, unit = ''] = /^(\d{1,8})([smhd])$/.exec(text) ?? [];
  const seconds = Number(number) * (SECONDS[unit] ?? NaN);
  if (seconds > 0) return seconds;
  throw usageError(`--for: write a time such as 30s, 10m, 2h or 1d, not "${text}"`);
}
