import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { ConfigError, toError } from '../src/base/errors.ts';
import { formatProblem } from '../src/base/problem.ts';
import { loadConfig } from '../src/config/load-config.ts';
import type { LocalConfig } from '../src/config/local-config.ts';

/** Where the packages put the configuration. */
export const CONFIG_FILE = '/etc/rampart/rampart.yaml';

/**
 * Reads the configuration of this host from `file` and the environment. The default file may be missing,
 * one that was asked for may not. Throws ConfigError with every mistake, one a line.
 */
export function readConfig(file: string | undefined): LocalConfig {
  const filePath = file ?? CONFIG_FILE;
  const config = loadConfig({
    fileText: readText(filePath, file === undefined),
    filePath,
    environment: process.env,
    hostName: hostname(),
  });
  if (config.ok) return config.value;
  throw new ConfigError('config-invalid', config.error.map(formatProblem).join('\n'));
}

function readText(path: string, mayBeMissing: boolean): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    const error = toError(thrown);
    if (mayBeMissing && 'code' in error && error.code === 'ENOENT') return null;
    throw new ConfigError('config-unreadable', `${path}: cannot be read: ${error.message}`, error);
  }
}
