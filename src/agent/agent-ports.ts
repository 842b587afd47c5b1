import type { Clock } from '../base/clock.ts';
import type { LevelledLogger } from './pino-logger.ts';

/** What the daemon's entry point provides. */
export interface AgentPorts {
  readonly clock: Clock;
  readonly logger: LevelledLogger;
  readonly version: string;
  readonly pid: number;
  /** False: rules are written as they are compiled, for comparison. */
  readonly optimise: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}
