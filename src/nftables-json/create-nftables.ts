import type { Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { openBatchRunner } from './batch-runner.ts';
import { CrashMarker, lastUse } from './crash-marker.ts';
import { KernelNftables } from './kernel-nftables.ts';
import { openLibraryRunner } from './library-runner.ts';
import type { NftRunner } from './nft-runner.ts';
import type { Nftables } from './nftables.ts';
import { openProcessNftables } from './process-nftables.ts';

/** How to reach nftables. Both directories must exist. */
export interface NftablesOptions {
  /**
   * `library`: netlink, and libnftables in this process for what netlink is not enough. `process`: the nft program.
   * `auto`: the library, and the nft program where the library cannot be used.
   */
  readonly transport: 'auto' | 'library' | 'process';
  /** For files that live as long as a call. */
  readonly runDir: string;
  /** For the crash marker. */
  readonly stateDir: string;
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * Opens nftables. After a crash inside the library `auto` keeps to the nft program, logged as an error, until
 * the next boot or the removal of the marker. Rejects with NftablesError when no transport works.
 */
export async function createNftables(options: NftablesOptions): Promise<Nftables> {
  const { transport, logger } = options;
  if (transport === 'library') return openGuarded(options);
  if (transport === 'process' || crashedBefore(options)) return openProcessNftables(options);
  try {
    return await openGuarded(options);
  } catch (error) {
    logger.warn(
      { reason: toError(error).message },
      'libnftables cannot be used in this process; running the nft program instead',
    );
    return openProcessNftables(options);
  }
}

function crashedBefore({ stateDir, logger }: NftablesOptions): boolean {
  const last = lastUse(stateDir);
  if (last.kind === 'fine') return false;
  logger.error(
    { marker: last.path },
    'the last process died inside libnftables; running the nft program instead until the next boot, or until the marker file is removed',
  );
  return true;
}

async function openGuarded(options: NftablesOptions): Promise<Nftables> {
  const marker = new CrashMarker(options.stateDir, options.logger);
  try {
    const runner = await openLibraryRunner(marker, options.logger);
    const batches = await openBatchRunner(options);
    return new KernelNftables(removingMarker(runner, marker), options, batches);
  } catch (error) {
    marker.remove();
    throw error;
  }
}

function removingMarker(runner: NftRunner, marker: CrashMarker): NftRunner {
  return {
    info: runner.info,
    execute: (document, dryRun) => runner.execute(document, dryRun),
    query: (commands, format) => runner.query(commands, format),
    isOwnPort: (portId) => runner.isOwnPort(portId),
    close: async () => {
      await runner.close();
      marker.remove();
    },
  };
}
