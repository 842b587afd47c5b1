import { TABLE } from '../ruleset/ruleset.ts';
import type { BatchBytes } from './batch-bytes.ts';
import { NFNL_SUBSYS_NFTABLES } from './batch-constants.ts';

const NFPROTO_INET = 1;
// The table's name is the first attribute of every message about it or what is in it.
const TABLE_NAME = 1;

/** Begins a message about our table or an object in it. */
export function beginObject(batch: BatchBytes, message: number, flags: number): void {
  batch.begin((NFNL_SUBSYS_NFTABLES << 8) | message, flags, [NFPROTO_INET, 0]);
  batch.text(TABLE_NAME, TABLE.name);
}
