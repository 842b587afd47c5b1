import { KernelNftables } from './kernel-nftables.ts';
import type { KernelOptions } from './kernel-nftables.ts';
import type { Nftables } from './nftables.ts';
import { openProcessRunner } from './process-runner.ts';
import type { ProcessOptions } from './process-runner.ts';

/** The port by the nft program. Rejects with NftablesError when it cannot be started. */
export async function openProcessNftables(
  options: KernelOptions & ProcessOptions,
): Promise<Nftables> {
  return new KernelNftables(await openProcessRunner(options), options);
}
