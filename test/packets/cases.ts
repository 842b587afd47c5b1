import { Bench } from './bench.ts';
import type { CalicoObject } from '../support/calico.ts';
import type { Check } from './check.ts';

/** Declares a suite whose cases share one laboratory; `done` may look at it once it is disposed of. */
export function describeCases(
  title: string,
  define: (bench: () => Bench) => void,
  done: (bench: Bench) => void = () => undefined,
): void {
  describe(title, () => {
    let bench: Bench | undefined;

    before(async function () {
      this.timeout(60_000);
      bench = await Bench.start({ daemons: true });
    });

    after(async function () {
      this.timeout(20_000);
      await bench?.dispose();
      if (bench !== undefined) done(bench);
    });

    define(() => {
      if (bench === undefined) throw new Error('there is no laboratory');
      return bench;
    });
  });
}

/** Stores these objects, forgets the connections, and makes the checks. */
export async function given(
  bench: Bench,
  objects: readonly CalicoObject[],
  ...checks: readonly Check[]
): Promise<void> {
  await bench.store(objects);
  await bench.flushConntrack();
  await bench.check(...checks);
}
