import { RESOURCE_PREFIX } from '../base/raw-update.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import type { EtcdClient } from './etcd-client.ts';
import type { RangeAnswer } from './range-message.ts';

/** Part of a list: keys in bytewise order, all as of one revision of one cluster. */
export interface Page {
  readonly updates: readonly RawUpdate[];
  readonly revision: number;
  readonly clusterId: string;
}

const FIRST_PAGE = 100;
const PAGE_BYTES = 4 * 1024 * 1024;

/**
 * Lists every resource, page after page, pinned to the revision of the first page; a page is asked for while the
 * one before it is worked on. Pages grow to `largest` keys as long as they stay around 4 MiB, so that one of large
 * network sets fits too.
 */
export async function* listPages(client: EtcdClient, largest: number): AsyncGenerator<Page> {
  let limit = Math.min(FIRST_PAGE, largest);
  let revision = 0;
  let answering: Promise<RangeAnswer> | null = client.page(Buffer.from(RESOURCE_PREFIX), limit, 0);
  while (answering !== null) {
    const { updates, next, clusterId, ...answer }: RangeAnswer = await answering;
    if (revision === 0) ({ revision } = answer);
    answering = null;
    if (next !== null) {
      limit = nextLimit(limit, bytesOf(updates), largest);
      answering = client.page(next, limit, revision);
      // Whoever stops listening early does not want to hear of it.
      answering.catch(() => undefined);
    }
    yield { updates, revision, clusterId };
  }
}

function bytesOf(updates: readonly RawUpdate[]): number {
  return updates.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0);
}

function nextLimit(limit: number, bytes: number, largest: number): number {
  const fitting = Math.floor((limit * PAGE_BYTES) / Math.max(1, bytes));
  return Math.max(1, Math.min(fitting, limit * 10, largest));
}
