import { join } from 'node:path';
import { ControlClientError, createControlClient } from '../../../src/control/client.ts';
import type { ControlClient } from '../../../src/control/client.ts';
import { SOCKET_NAME } from '../../../src/control/wire.ts';
import { EXIT } from '../../exit-codes.ts';
import { readConfig } from '../../read-config.ts';
import { CtlError } from '../ctl-error.ts';

/**
 * Asks the daemon of this host, on the socket that its configuration names. Throws CtlError when it does not run
 * or refuses; `instead` says what works without it, empty when nothing does.
 */
export async function askDaemon<T>(
  question: (client: ControlClient) => Promise<T>,
  instead: string,
): Promise<T> {
  const client = createControlClient(join(readConfig(undefined).runDir, SOCKET_NAME));
  try {
    return await question(client);
  } catch (thrown) {
    if (!(thrown instanceof ControlClientError)) throw thrown;
    const isAway = thrown.code === 'daemon-not-running' || thrown.code === 'daemon-unreachable';
    const hint = isAway && instead !== '' ? `. Without the daemon: ${instead}` : '';
    throw new CtlError(isAway ? EXIT.unavailable : EXIT.failed, `${thrown.message}${hint}`, thrown);
  } finally {
    client.close();
  }
}
