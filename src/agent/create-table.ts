import type { Nftables } from '../nftables-json/nftables.ts';
import type { AgentPorts } from './agent-ports.ts';
import { awaitBootUnit } from './boot-arrival.ts';
import type { BootReport } from './boot-report.ts';
import type { LastGood } from './last-good.ts';
import type { Loop } from './loop.ts';
import { meterNftables } from './metered-nftables.ts';
import type { Reporting } from './reporting.ts';

/** Who is asked and told about the table. Functions are not called before the first change. */
export interface TableAbout {
  readonly nftables: Nftables;
  readonly boot: BootReport;
  readonly lastGood: LastGood;
  readonly reporting: Reporting;
  readonly changed: () => void;
  readonly loop: () => Pick<Loop, 'rewrite'>;
}

/** The table as the loop sees it: read and written for the record. Everybody else asks the kernel. */
export function createTable({ clock, logger }: AgentPorts, about: TableAbout): Nftables {
  const { boot, changed, lastGood, loop, nftables, reporting } = about;
  const { keeper, metrics } = reporting;
  return awaitBootUnit(meterNftables(lastGood.recording(nftables), metrics), {
    ...{ clock, logger, boot },
    isOpen: () => keeper.rulesInForce === 'none',
    doubt: () => {
      loop().rewrite();
    },
    arrived: () => {
      keeper.found(boot.rules);
      changed();
    },
  });
}
