import type { LocalConfig } from '../config/local-config.ts';
import type { Source, StagedSource } from '../source/source.ts';
import type { SourcePorts } from '../source/source-ports.ts';
import type { DecideGate } from './datastore-gate.ts';
import type { LoopView } from './loop-view.ts';
import { createDatastoreSource, createManifestSource } from './create-source.ts';
import { OfflineSource } from './offline-source.ts';
import { readSnapshot } from './snapshot-file.ts';
import { SnapshotWriter } from './snapshot-writer.ts';

/** The source that the configuration asks for; of a datastore elsewhere a snapshot is kept. */
export interface KeptDatastore {
  readonly source: Source;
  /** Reads the directory of manifests as if it had these files; null where the datastore is none. */
  readonly stage: StagedSource['stage'] | null;
  /** A turn has ended well: what was delivered may be saved. */
  turned(): void;
  /** What is to be known about the snapshot. */
  faults(): readonly { readonly code: string; readonly message: string }[];
  /** Saves what is not saved yet. */
  close(): Promise<void>;
}

/** What decides whether the datastore's view may be enforced, and so saved. */
export interface KeptDatastoreInputs {
  readonly view: () => Pick<LoopView, 'isInSync' | 'isTakingIn' | 'clusterInformation'>;
  readonly gate: DecideGate;
}

/** Creates it. */
export function keepDatastore(
  { datastore, stateDir }: LocalConfig,
  ports: SourcePorts,
  { view, gate }: KeptDatastoreInputs,
): KeptDatastore {
  if (datastore.kind === 'file') {
    const source = createManifestSource(datastore.directory, ports);
    const stage: StagedSource['stage'] = (files) => source.stage(files);
    return { source, stage, turned: nothing, faults: () => [], close: () => Promise.resolve() };
  }
  // Of what is not taken in yet nobody knows whether it may be enforced.
  const isGood = (): boolean => {
    const { isInSync, isTakingIn, clusterInformation } = view();
    return isInSync && !isTakingIn && gate(clusterInformation).isOpen;
  };
  const inner = createDatastoreSource(datastore, ports);
  const redeliver = (): void => {
    inner.redeliver();
  };
  const writer = new SnapshotWriter({ ...ports, stateDir, isGood, redeliver });
  const source = new OfflineSource(inner, {
    ...ports,
    read: () => readSnapshot(stateDir),
    delivered: (updates, revision) => {
      writer.note(updates, revision);
    },
    complete: () => {
      writer.complete();
    },
  });
  return {
    source,
    stage: null,
    turned: () => {
      writer.settled();
    },
    faults: () => [...source.faults(), ...writer.faults()],
    close: () => writer.close(),
  };
}

function nothing(): void {
  // A directory of manifests is its own snapshot.
}
