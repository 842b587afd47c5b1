// A process that only hears of changes, as the daemon does it, for comparison.
import { setTimeout as rest } from 'node:timers/promises';
import { openEtcdClient, RESOURCE_RANGE_END } from '../dist/src/source/etcd-client.js';
import { RESOURCE_PREFIX } from '../dist/src/base/raw-update.js';

const clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, task) => {
    const timer = setTimeout(task, ms).unref();
    return () => clearTimeout(timer);
  },
};
const signal = new AbortController().signal;
const client = await openEtcdClient(process.argv[2], { endpoints: [process.argv[2]] }, { clock, signal });
const stream = await client.watch();
stream.on('data', ({ isCreated }) => {
  if (isCreated) process.stdout.write('watching\n');
});
stream.write({ kind: 'create', from: Buffer.from(RESOURCE_PREFIX), end: RESOURCE_RANGE_END, revision: 0 });
await rest(2 ** 31 - 1);
