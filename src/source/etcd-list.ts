import { RESOURCE_PREFIX } from '../base/raw-update.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import type { EtcdClient } from './etcd-client.ts';

/** Part of a list: keys in bytewise order, all as of one revision of one cluster. */
export interface Page {
  readonly updates: readonly RawUpdate[];
  readonly revision: number;
  readonly clusterId: string;
}

const FIRST_PAGE = 100;
const PAGE_BYTES = 4 * 1024 * 1024;

/**
 * Lists every resource, page after page, pinned to the revision of the first page. Pages grow to
 * `largest` keys as long as they stay around 4 MiB, so that one of large network sets fits too.
 */
export async function* listPages(client: EtcdClient, largest: number): AsyncGenerator<Page> {
  let from: Buffer = Buffer.from(RESOURCE_PREFIX);
  let limit = Math.min(FIRST_PAGE, largest);
  let revision = 0;
  for (;;) {
    const { header, kvs, more } = await client.page(from, limit, revision);
    if (revision === 0) revision = Number(header.revision);
    const updates = kvs.map(({ key, value, mod_revision }) => ({
      key: key.toString('utf8'),
      value,
      revision: Number(mod_revision),
    }));
    yield { updates, revision, clusterId: header.cluster_id };
    const last = kvs.at(-1);
    if (!more || last === undefined) return;
    from = Buffer.concat([last.key, Buffer.of(0)]);
    limit = nextLimit(limit, bytesOf(updates), largest);
  }
}

function bytesOf(updates: readonly RawUpdate[]): number {
  return updates.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0);
}

function nextLimit(limit: number, bytes: number, largest: number): number {
  const fitting = Math.floor((limit * PAGE_BYTES) / Math.max(1, bytes));
  return Math.max(1, Math.min(fitting, limit * 10, largest));
}
