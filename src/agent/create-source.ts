import type { Clock } from '../base/clock.ts';
import type { EtcdSettings, LocalConfig } from '../config/local-config.ts';
import { admitManifest } from '../resource/admit.ts';
import { expandManifest } from '../resource/expand-manifest.ts';
import type { EtcdSourceOptions } from '../source/etcd-options.ts';
import { createEtcdSink } from '../source/etcd-sink.ts';
import { createEtcdSource } from '../source/etcd-source.ts';
import { createFileSource } from '../source/file-source.ts';
import type { SourcePorts } from '../source/source-ports.ts';
import type { RedeliveringSource, StagedSource } from '../source/source.ts';
import type { StatusSink } from '../status/status-sink.ts';

/** A directory of manifests as the source. */
export function createManifestSource(directory: string, ports: SourcePorts): StagedSource {
  return createFileSource({ directory, admit }, ports);
}

/** etcd as the source. */
export function createDatastoreSource(etcd: EtcdSettings, ports: SourcePorts): RedeliveringSource {
  return createEtcdSource(etcdOptions(etcd), ports);
}

/** Where status is written: etcd, where that is the datastore; null for a directory of manifests. */
export function createStatusSink(
  { datastore }: LocalConfig,
  ports: { readonly clock: Clock },
): StatusSink | null {
  return datastore.kind === 'file' ? null : createEtcdSink(etcdOptions(datastore), ports);
}

function etcdOptions(etcd: EtcdSettings): EtcdSourceOptions {
  return {
    endpoints: etcd.endpoints,
    caCertFile: etcd.caCertFile ?? undefined,
    certFile: etcd.certFile ?? undefined,
    keyFile: etcd.keyFile ?? undefined,
    username: etcd.username ?? undefined,
    password: etcd.password ?? undefined,
    passwordFile: etcd.passwordFile ?? undefined,
  };
}

// What `calicoctl apply` would do to a manifest.
function admit(document: unknown): readonly ReturnType<typeof admitManifest>[] {
  return expandManifest(document).map(admitManifest);
}
