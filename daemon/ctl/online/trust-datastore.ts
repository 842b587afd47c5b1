import { EXIT } from '../../exit-codes.ts';
import type { Call } from '../command.ts';
import { askDaemon } from './ask-daemon.ts';

/** `rampartctl trust-datastore`: follow another cluster from now on. */
export async function run({ output }: Call): Promise<number> {
  const answer = await askDaemon((client) => client.trustDatastore(), '');
  const { clusterGUID, before } = answer;
  await output.print(answer, () => {
    const was = before === null || before === clusterGUID ? '' : `, no longer cluster ${before}`;
    return `this host follows cluster ${clusterGUID}${was}`;
  });
  return EXIT.ok;
}
