import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { LocalConfig } from '../config/local-config.ts';
import { admitManifest } from '../resource/admit.ts';
import { expandManifest } from '../resource/expand-manifest.ts';
import { createEtcdSource } from '../source/etcd-source.ts';
import { createFileSource } from '../source/file-source.ts';
import type { Source } from '../source/source.ts';

/** The source that the configuration asks for. */
export function createSource(
  { datastore }: LocalConfig,
  ports: { readonly clock: Clock; readonly logger: Logger },
): Source {
  switch (datastore.kind) {
    case 'file':
      return createFileSource({ directory: datastore.directory, admit }, ports);
    case 'etcdv3':
      return createEtcdSource(
        {
          endpoints: datastore.endpoints,
          caCertFile: datastore.caCertFile ?? undefined,
          certFile: datastore.certFile ?? undefined,
          keyFile: datastore.keyFile ?? undefined,
          username: datastore.username ?? undefined,
          password: datastore.password ?? undefined,
          passwordFile: datastore.passwordFile ?? undefined,
        },
        ports,
      );
  }
}

// What `calicoctl apply` would do to a manifest.
function admit(document: unknown): readonly ReturnType<typeof admitManifest>[] {
  return expandManifest(document).map(admitManifest);
}
