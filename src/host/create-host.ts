import { toError } from '../base/errors.ts';
import type { Host } from './host.ts';
import { createProcessHost } from './process-host.ts';
import { createRtnetlinkHost } from './rtnetlink-host.ts';
import type { HostOptions, HostPorts } from './rtnetlink-host.ts';

/** Makes one kind of Host. */
export type HostFactory = (ports: HostPorts, options?: HostOptions) => Host;

/** The kinds of Host this machine may offer, best first. */
const FACTORIES: readonly HostFactory[] = [createRtnetlinkHost, createProcessHost];

/**
 * The best Host this machine offers: rtnetlink, else the `ip` program, with a warning that says why. `start` rejects
 * with HostError when neither works.
 */
export function createHost(
  ports: HostPorts,
  options: HostOptions = {},
  factories: readonly HostFactory[] = FACTORIES,
): Host {
  let current: Host | undefined;
  return {
    start: async (listener) => {
      let failure: unknown;
      for (const factory of factories) {
        current = factory(ports, options);
        try {
          await current.start(listener);
          return;
        } catch (error) {
          failure = error;
          const reason = toError(error).message;
          ports.logger.warn({ reason }, 'This way of watching the interfaces does not work');
        }
      }
      throw failure;
    },
    close: async () => current?.close(),
  };
}
