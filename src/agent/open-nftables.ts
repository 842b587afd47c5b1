import { mkdir } from 'node:fs/promises';
import { HostError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { LocalConfig } from '../config/local-config.ts';
import { createNftables } from '../nftables-json/create-nftables.ts';
import { findFelix } from '../nftables-json/find-felix.ts';
import type { Nftables } from '../nftables-json/nftables.ts';
import { refuseOldNft } from '../nftables-json/oldest-nft.ts';

/**
 * Opens nftables as configured; makes the directories it keeps files in. Rejects while Calico's own agent has rules on
 * this host: two programs that enforce the same policy would undo each other's marks and verdicts; and when nftables
 * is too old (UnsuitableHostError).
 */
export async function openNftables(
  { nftables, runDir, stateDir }: LocalConfig,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<Nftables> {
  await refuseFelix();
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await mkdir(runDir, { recursive: true, mode: 0o755 });
  const { transport } = nftables;
  const opened = await createNftables({ transport, runDir, stateDir, clock, logger });
  try {
    refuseOldNft(opened.info);
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function refuseFelix(): Promise<void> {
  const tables = await findFelix();
  if (tables.length === 0) return;
  const named = tables.map((table) => `table ${table}`).join(', ');
  throw new HostError(
    'felix-found',
    `Calico's own agent, Felix, has rules on this host (${named}): nothing is enforced while it does. Stop calico-node or calico-felix and remove its rules, or remove this package`,
  );
}
