import { mkdir } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { LocalConfig } from '../config/local-config.ts';
import { createNftables } from '../nftables-json/create-nftables.ts';
import type { Nftables } from '../nftables-json/nftables.ts';

/** Opens nftables as configured; makes the directories it keeps files in. */
export async function openNftables(
  { nftables, runDir, stateDir }: LocalConfig,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<Nftables> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await mkdir(runDir, { recursive: true, mode: 0o755 });
  return createNftables({ transport: nftables.transport, runDir, stateDir, clock, logger });
}
