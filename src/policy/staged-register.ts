import type { LocalEndpoint, LocalPolicy, MemberSet, Policy } from './local-policy.ts';
import { referencedSets } from './set-references.ts';
import { isStagedHere, stagedPolicies } from './staged-policies.ts';
import type { Staged, StagedSubject } from './staged-policies.ts';

const NOTHING: Staged = { policies: [], together: null };

/** The staged policies of the datastore, and what they come to on this host. */
export class StagedRegister {
  /** Those that could concern host endpoints, by name. */
  readonly #policies = new Map<string, Policy>();
  #staged: Staged = NOTHING;
  #isArranged = true;
  #lastSets: { readonly all: LocalPolicy['sets']; readonly own: LocalPolicy['sets'] } | null = null;

  /** As of the last `arrange`. */
  get staged(): Staged {
    return this.#staged;
  }

  /** False: policies came or went since the last `settle`. */
  get isArranged(): boolean {
    return this.#isArranged;
  }

  /** Takes a staged policy's present state. */
  apply(key: string, next: Policy | null): void {
    if (next !== null && isStagedHere(next)) this.#policies.set(key, next);
    else if (!this.#policies.delete(key)) return;
    this.#isArranged = false;
  }

  /** Works out what is proposed on these endpoints; answers all endpoints of all proposals. */
  arrange(subjects: readonly StagedSubject[]): readonly LocalEndpoint[] {
    const all = [...this.#policies.values()];
    this.#isArranged = false;
    this.#staged = all.length === 0 ? NOTHING : stagedPolicies(all, subjects);
    this.#lastSets = null;
    return this.#staged.policies.flatMap(({ endpoints }) => endpoints ?? []);
  }

  /** What was arranged is used. */
  settle(): void {
    this.#isArranged = true;
  }

  /** Those of all live sets that `endpoints` refer to; `before` itself when they are the same. */
  enforcedSets(
    all: LocalPolicy['sets'],
    endpoints: readonly LocalEndpoint[],
    before: LocalPolicy['sets'],
  ): LocalPolicy['sets'] {
    if (this.#staged.policies.length === 0) return all;
    if (this.#lastSets?.all === all) return this.#lastSets.own;
    const sets = new Map<string, MemberSet>();
    for (const id of referencedSets(endpoints).keys()) {
      const set = all.get(id);
      if (set !== undefined) sets.set(id, set);
    }
    const isSame =
      before.size === sets.size && [...sets].every(([id, set]) => before.get(id) === set);
    const own = isSame ? before : sets;
    this.#lastSets = { all, own };
    return own;
  }
}
