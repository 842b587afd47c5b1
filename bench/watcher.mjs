// Watches the etcd at the endpoint that it is given, as the daemon does, until it is killed.
import { openEtcdClient, RESOURCE_RANGE_END } from '../dist/src/source/etcd-client.js';
import { RESOURCE_PREFIX } from '../dist/src/base/raw-update.js';
import { systemClock } from '../dist/src/agent/system-clock.js';

const [, , endpoint = ''] = process.argv;
const context = { clock: systemClock, signal: new AbortController().signal };
const client = await openEtcdClient(endpoint, { endpoints: [endpoint] }, context);
const stream = await client.watch();
stream.on('data', ({ isCreated }) => {
  if (isCreated) process.stdout.write('watching\n');
});
const from = Buffer.from(RESOURCE_PREFIX);
stream.write({ kind: 'create', from, end: RESOURCE_RANGE_END, revision: 0 });
