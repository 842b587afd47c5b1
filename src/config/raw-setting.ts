import type { Problem } from '../base/problem.ts';

/** What somebody wrote for one key, and where. */
export interface RawSetting {
  readonly text: string;
  /** `/etc/rampart/rampart.yaml line 12` or `environment variable RAMPART_HEALTH_PORT`. */
  readonly origin: string;
}

/** What one place (the file, the environment) says, by key. */
export interface RawSettings {
  readonly byKey: ReadonlyMap<string, RawSetting>;
  readonly problems: readonly Problem[];
}

/** A problem of the configuration; `origin` is where the operator has to look, `key` what it is about. */
export function configProblem(
  code: string,
  where: { readonly origin: string; readonly key: string },
  message: string,
): Problem {
  return { severity: 'error', code, object: where.origin, field: where.key, message };
}
