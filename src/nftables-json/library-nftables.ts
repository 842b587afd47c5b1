import { KernelNftables } from './kernel-nftables.ts';
import type { KernelOptions } from './kernel-nftables.ts';
import { openLibraryRunner } from './library-runner.ts';
import type { CallGuard } from './library-runner.ts';
import type { Nftables } from './nftables.ts';

const unguarded: CallGuard = { enter: () => undefined, leave: () => undefined };

/** The port by libnftables in this process. Rejects with NftablesError when the library cannot be loaded. */
export async function openLibraryNftables(
  options: KernelOptions & { readonly guard?: CallGuard },
): Promise<Nftables> {
  return new KernelNftables(
    await openLibraryRunner(options.guard ?? unguarded, options.logger),
    options,
  );
}
