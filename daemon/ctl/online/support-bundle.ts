import type { ControlClient } from '../../../src/control/client.ts';
import { ControlClientError } from '../../../src/control/client.ts';
import { EXIT } from '../../exit-codes.ts';
import { readVersion } from '../../version.ts';
import type { Call } from '../command.ts';
import { askDaemon } from './ask-daemon.ts';

/** `rampartctl support-bundle`: all that the local API tells, in one document. */
export async function run({ output }: Call): Promise<number> {
  const bundle = await askDaemon(collect, '');
  await output.print(bundle, () => JSON.stringify(bundle, null, 2));
  return EXIT.ok;
}

// Asked one after another: the daemon has a host to protect.
async function collect(client: ControlClient): Promise<Readonly<Record<string, unknown>>> {
  return {
    rampartctl: readVersion(),
    kernel: { platform: process.platform, arch: process.arch, node: process.version },
    status: await client.status(),
    endpoints: await known(client.endpoints()),
    policies: await known(client.policies()),
    counters: await known(client.counters()),
    policyView: await known(client.policyView()),
    desired: await known(client.desired()),
  };
}

// A daemon that has not applied anything yet still has a status, which then matters most.
async function known<T>(asked: Promise<T>): Promise<T | { readonly error: string }> {
  try {
    return await asked;
  } catch (thrown) {
    if (thrown instanceof ControlClientError) return { error: thrown.message };
    throw thrown;
  }
}
