import { compileRuleset } from '../compile/compile.ts';
import { showNewConnections } from '../compile/staged-chains.ts';
import type { PolicyStore } from '../policy/policy-store.ts';
import type { ChangedObjects } from './changed-objects.ts';
import type { DatastoreView } from './datastore-view.ts';
import type { HostView } from './host-view.ts';
import type { LoopPorts } from './loop-ports.ts';
import type { ProblemBook } from './problem-book.ts';
import type { Wanted } from './turn-report.ts';

/** Where what is wanted comes from. */
export interface WantedParts extends Pick<LoopPorts, 'optimise' | 'admit'> {
  readonly store: PolicyStore;
  readonly datastore: Pick<DatastoreView, 'revision' | 'isSaved'>;
  readonly host: Pick<HostView, 'settings'>;
  readonly problems: ProblemBook;
  readonly changed: ChangedObjects;
}

/** What our table is to hold by all that has arrived; the turn that asks takes that in. Nothing may be taken in by half. */
export function presentlyWanted(parts: WantedParts): Wanted {
  const { store, datastore, changed, problems } = parts;
  const { compile } = parts.host.settings();
  changed.take();
  const resolution = store.resolve();
  problems.report('policy', resolution.problems);
  const compiled = compileRuleset(resolution.policy, compile);
  // Only while there is something to judge by it: it costs the kernel a little.
  const proposes = (store.shadow()?.together ?? null) !== null;
  const objects = changed.taken;
  const wanted: Wanted = {
    revision: datastore.revision,
    isSaved: datastore.isSaved,
    clusterInformation: store.clusterInformation,
    resolution,
    problemsVersion: problems.version,
    ruleset: parts.optimise(proposes ? showNewConnections(compiled) : compiled),
    enforcement: compile.enforcement,
    changed: objects,
  };
  return parts.admit(
    wanted,
    objects.map(({ name }) => name),
  );
}
