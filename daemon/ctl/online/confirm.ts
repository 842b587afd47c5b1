import type { ConfirmAnswer } from '../../../src/control/wire.ts';
import { EXIT } from '../../exit-codes.ts';
import { readConfig } from '../../read-config.ts';
import type { Call } from '../command.ts';
import { askDaemon } from './ask-daemon.ts';
import { replaceManifest } from './replace-manifest.ts';

/** `rampartctl confirm`: keeps what was tried, or applies what was taken back. */
export async function run({ output }: Call): Promise<number> {
  const { datastore } = readConfig(undefined);
  const answer = await askDaemon(async (client) => {
    // The files first: until the daemon hears of it, it reads them as what it has already.
    const { files } = await client.rollback();
    if (datastore.kind === 'file')
      for (const [name, text] of Object.entries(files))
        await replaceManifest(datastore.directory, name, text);
    return client.confirm();
  }, '');
  await output.print(answer, () => answerText(answer));
  return EXIT.ok;
}

function answerText({ confirmed, objects, applied }: ConfirmAnswer): string {
  const what = objects.length === 0 ? '' : `: ${objects.join(', ')}`;
  if (confirmed !== 'rolled-back') return `kept${what}`;
  return applied === null ? `no longer held${what}` : `applied${what}`;
}
