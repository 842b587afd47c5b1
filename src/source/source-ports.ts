import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';

/** The outside world of a source, besides what it reads. */
export interface SourcePorts {
  readonly clock: Clock;
  readonly logger: Logger;
}
