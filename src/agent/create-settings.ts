import type { DataplaneSettings } from '../config/felix-settings.ts';
import type { LocalConfig } from '../config/local-config.ts';
import type { LevelledLogger } from './pino-logger.ts';
import type { Reporting } from './reporting.ts';
import type { Services } from './services.ts';
import { SettingsResolver } from './settings-resolver.ts';

/** Whom settings concern. */
export interface SettingsUsers {
  readonly services: Services;
  readonly reporting: Reporting;
  readonly logger: LevelledLogger;
  readonly isHeard: (group: number) => boolean;
}

/** Settings that are passed on to their users whenever they change. */
export function createSettings(config: LocalConfig, users: SettingsUsers): SettingsResolver {
  const use = (next: DataplaneSettings): void => {
    users.services.use(next);
    users.reporting.use(next);
    users.logger.setLevel(next.logLevel);
  };
  return new SettingsResolver(config, use, users.isHeard);
}
