import type { Bench } from './bench.ts';

const REPORT_MS = 8000;
const LOOK_MS = 50;

/** Waits until A has reported this status of a host endpoint to etcd (null: no status any more). */
export async function awaitStatus(
  bench: Bench,
  endpoint: string,
  wanted: 'up' | 'down' | 'error' | null,
): Promise<void> {
  const key = `/calico/felix/v1/host/hosta/endpoint/${endpoint}`;
  const deadline = performance.now() + REPORT_MS;
  let seen: string | null = null;
  while (performance.now() < deadline) {
    seen = await bench.datastore.get(key);
    if (statusIn(seen) === wanted) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new Error(`status of ${endpoint}: expected ${String(wanted)}, got ${String(seen)}`);
}

function statusIn(value: string | null): string | null {
  if (value === null) return null;
  return (JSON.parse(value) as { status?: string }).status ?? '';
}
