import { createRequire } from 'node:module';
import { join } from 'node:path';
import { loadSync } from '@grpc/proto-loader';
import type { MethodDefinition } from '@grpc/proto-loader';

const PROTO = join(createRequire(import.meta.url).resolve('etcd3'), '../../proto/rpc.proto');

/** How protobufjs reads and writes the messages of one of etcd's calls, as its definition in etcd3 says. */
export function protoMethod(service: string, name: string): MethodDefinition<object, object> {
  const services = loadSync(PROTO, { keepCase: true, longs: String });
  const methods = services[`etcdserverpb.${service}`] as unknown as Readonly<
    Record<string, MethodDefinition<object, object>>
  >;
  const method = methods[name];
  if (method === undefined) throw new Error(`etcd has no call ${service}/${name}`);
  return method;
}
