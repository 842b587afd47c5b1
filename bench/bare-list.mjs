// The least that any start has to do: list everything in pages and JSON.parse it. A process of its own, so
// that it can be compared with the daemon's.
import { Etcd3 } from 'etcd3';

const PREFIX = '/calico/resources/v3/projectcalico.org/';
const PAGE = 5000;

const client = new Etcd3({
  hosts: process.env['ETCD_ENDPOINTS'] ?? '',
  grpcOptions: { 'grpc.max_receive_message_length': -1 },
});
const end = Buffer.from(`${PREFIX.slice(0, -1)}0`);
let start = Buffer.from(PREFIX);
let revision;
let count = 0;
for (;;) {
  const page = await client.kv.range({
    key: start,
    range_end: end,
    limit: PAGE,
    ...(revision === undefined ? {} : { revision }),
  });
  revision ??= page.header.revision;
  for (const { value } of page.kvs) {
    JSON.parse(value.toString());
    count += 1;
  }
  const last = page.kvs.at(-1);
  if (!page.more || last === undefined) break;
  start = Buffer.concat([last.key, Buffer.from([0])]);
}
client.close();
process.stdout.write(`${count}\n`);
