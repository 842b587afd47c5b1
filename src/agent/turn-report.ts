import type { ObjectChange } from '../report/history.ts';
import type { CompileSettings } from '../compile/settings.ts';
import type { Resolution } from '../policy/resolver.ts';
import type { ClusterInformation } from '../resource/resource.ts';
import type { Ruleset } from '../ruleset/ruleset.ts';
import type { Written } from './table-writer.ts';

/** What a turn is to write. */
export type Wanted = Omit<TurnReport, 'written'>;

/** One turn that ended well. */
export interface TurnReport {
  /** Null: nothing had to be written. */
  readonly written: Written;
  /** The datastore revision that is now in force. */
  readonly revision: number;
  readonly resolution: Resolution;
  /** Differs whenever a problem of an object, or of how objects fit together, came or went. */
  readonly problemsVersion: number;
  /** The view is one that was saved: the datastore itself has not been seen since the start. */
  readonly isSaved: boolean;
  /** As of what was written: another cluster may have shown up since. */
  readonly clusterInformation: ClusterInformation | null;
  readonly ruleset: Ruleset;
  readonly enforcement: CompileSettings['enforcement'];
  /** What the turn took in: the first ten, and a count of the rest. */
  readonly changed: readonly ObjectChange[];
  /** These are the rules that were in force before: what the datastore asks for is held. */
  readonly isHeld?: true;
}
