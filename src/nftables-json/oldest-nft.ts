import { UnsuitableHostError } from '../base/errors.ts';
import type { Nftables } from './nftables.ts';

/** The oldest nft that Rampart was seen to work with (Debian 11); see docs/operations.md. */
export const OLDEST_NFT = '0.9.8';

/** Throws UnsuitableHostError, with what to install, when nft is older than OLDEST_NFT. A version that cannot be told is not refused. */
export function refuseOldNft({
  transport,
  version,
}: Pick<Nftables['info'], 'transport' | 'version'>): void {
  if (!isOlder(version, OLDEST_NFT)) return;
  const what = transport === 'process' ? 'nft' : 'libnftables';
  throw new UnsuitableHostError(
    'nftables-too-old',
    `${what} ${version} is too old: ${OLDEST_NFT} is the oldest that works. Install nftables and its library (Debian: nftables, libnftables1; elsewhere: nftables, nftables-libs) ${OLDEST_NFT} or newer. The rules in force stay`,
  );
}

function isOlder(version: string, than: string): boolean {
  const [parts, wanted] = [version, than].map((text) => text.split('.').map(Number.parseFloat));
  if (parts === undefined || wanted === undefined || parts.some(Number.isNaN)) return false;
  for (const [i, part] of wanted.entries()) {
    const difference = (parts[i] ?? 0) - part;
    if (difference !== 0) return difference < 0;
  }
  return false;
}
