#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { createPinoLogger, isJournalStream, standardOutput } from '../src/agent/pino-logger.ts';
import type { LevelledLogger } from '../src/agent/pino-logger.ts';
import { startAgent } from '../src/agent/create-agent.ts';
import type { Agent } from '../src/agent/create-agent.ts';
import { systemClock } from '../src/agent/system-clock.ts';
import { ConfigError, UnsuitableHostError, toError } from '../src/base/errors.ts';
import { formatProblem } from '../src/base/problem.ts';
import type { LocalConfig } from '../src/config/local-config.ts';
import { EXIT } from './exit-codes.ts';
import { optimiseEarly } from './optimise-early.ts';
import { CONFIG_FILE, readConfig } from './read-config.ts';
import { listenForSignals } from './signals.ts';
import type { Signals } from './signals.ts';
import { readVersion } from './version.ts';

interface Options {
  readonly config?: string;
  readonly checkConfig?: true;
  readonly once?: true;
  readonly optimise: boolean;
}

// How long --once waits for the datastore.
const ONCE_LIMIT_MS = 60_000;
// A stop that takes longer than this is abandoned: the rules stay anyway.
const STOP_LIMIT_MS = 5_000;

function parseArguments(version: string): Options {
  const command = new Command('rampartd')
    .description('Enforces Calico host endpoint policy on this machine with nftables.')
    .version(version, '--version', 'print the version and exit')
    .helpOption('--help', 'print this help and exit')
    .option('--config <file>', `configuration file (default: ${CONFIG_FILE})`)
    .option('--check-config', 'check the configuration, say what is wrong, and exit')
    .option('--once', 'read the datastore, apply, and exit; the rules stay')
    .option('--no-optimise', 'write the rules as a list, without verdict maps and unions of sets')
    .allowExcessArguments(false)
    .exitOverride();
  return command.parse().opts<Options>();
}

async function main(): Promise<number> {
  const version = readVersion();
  const options = parseArguments(version);
  const config = readConfig(options.config);
  if (options.checkConfig === true) return reportConfig(config);
  // Before libnftables is called: a process that dies within a call looks as if the library had killed it.
  const signals = listenForSignals();
  const logger = createLogger(config);
  for (const problem of config.warnings) logger.warn({ ...problem }, formatProblem(problem));
  logger.info({ version, node: config.nodeName, datastore: config.datastore.kind }, 'starting');
  const { env: environment, pid } = process;
  const starting = startAgent(config, {
    ...{ clock: systemClock, logger, version, environment, pid },
    optimise: options.optimise,
  });
  if (options.once === true) return runOnce(await starting, signals, logger);
  const reloading = (agent: Agent): void => {
    reload(agent, options, logger);
  };
  return runUntilStopped(starting, signals, reloading, logger);
}

function createLogger(config: LocalConfig): LevelledLogger {
  return createPinoLogger({
    level: config.log.level,
    format: config.log.format,
    isJournal: isJournalStream(process.env['JOURNAL_STREAM'], 1),
    write: standardOutput(),
  });
}

function reportConfig({ warnings, nodeName, datastore }: LocalConfig): number {
  for (const problem of warnings) writeSync(2, `warning: ${formatProblem(problem)}\n`);
  const where = datastore.kind === 'file' ? datastore.directory : datastore.endpoints.join(', ');
  writeSync(1, `configuration good: node ${nodeName}, datastore ${datastore.kind} (${where})\n`);
  return EXIT.ok;
}

async function runOnce(agent: Agent, signals: Signals, logger: LevelledLogger): Promise<number> {
  const isApplied = await Promise.race([
    agent.applied.then(() => true),
    signals.stop.then(() => false),
    new Promise<false>((resolve) => setTimeout(resolve, ONCE_LIMIT_MS, false)),
  ]);
  const { datastore, problems } = agent.status();
  await agent.close();
  if (isApplied) return EXIT.ok;
  logger.error(
    { connected: datastore.connected, problems: problems.map(formatProblem) },
    `nothing was applied within ${ONCE_LIMIT_MS / 1000} s, or before a signal: the rules in force stay`,
  );
  return EXIT.failed;
}

async function runUntilStopped(
  starting: Promise<Agent>,
  signals: Signals,
  reloading: (agent: Agent) => void,
  logger: LevelledLogger,
): Promise<number> {
  const started = await Promise.race([starting, signals.stop.then(() => null)]);
  void started?.applied.then(() => {
    logger.info({}, 'in sync and applied');
  });
  if (started !== null) {
    signals.onReload(() => {
      reloading(started);
    });
  }
  const signal = await signals.stop;
  logger.info({ signal }, 'stopping: the rules stay in force');
  const isClosed = await Promise.race([
    starting.then((agent) => agent.close()).then(() => true),
    signals.hurry.then(() => false),
    new Promise<false>((resolve) => setTimeout(resolve, STOP_LIMIT_MS, false)),
  ]);
  if (!isClosed) logger.warn({}, 'stopped without waiting for what was under way');
  return EXIT.ok;
}

function reload(agent: Agent, options: Options, logger: LevelledLogger): void {
  try {
    const restart = agent.reload(readConfig(options.config));
    logger.info({}, 'configuration and certificates read again');
    if (restart.length > 0) {
      logger.warn({ keys: restart }, 'changes of these keys take effect after a restart');
    }
  } catch (thrown) {
    const error = toError(thrown).message;
    logger.error({ error }, 'the configuration was not reloaded: the old one stays in force');
  }
}

function explainFailure(thrown: unknown): number {
  // commander has said what was wrong, or printed what was asked for.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const error = toError(thrown);
  writeSync(2, `rampartd: ${error.message}\n`);
  if (error instanceof UnsuitableHostError) return EXIT.unavailable;
  return error instanceof ConfigError ? EXIT.config : EXIT.failed;
}

// A fault that nobody expected must not take the rules with it: they stay, and systemd starts us again.
function dieOfBug(thrown: unknown): void {
  const error = toError(thrown);
  writeSync(2, `rampartd: bug, the rules in force stay: ${error.stack ?? error.message}\n`);
  process.exit(EXIT.bug);
}

optimiseEarly();
process.on('uncaughtException', dieOfBug);
process.on('unhandledRejection', dieOfBug);
process.exitCode = await main().catch(explainFailure);
// Whatever is still open belongs to a stop that was cut short.
process.exit();
