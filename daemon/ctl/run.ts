import { CommanderError } from 'commander';
import { ConfigError, RampartError, toError } from '../../src/base/errors.ts';
import { EXIT } from '../exit-codes.ts';
import { readVersion } from '../version.ts';
import { COMMANDS } from './commands.ts';
import { CtlError } from './ctl-error.ts';
import type { Streams } from './output.ts';
import { createProgram } from './program.ts';

/** Runs `rampartctl` with these arguments and answers its exit code. Never throws. */
export async function runCtl(args: readonly string[], streams: Streams): Promise<number> {
  let exitCode: number = EXIT.ok;
  const done = (code: number): void => {
    exitCode = code;
  };
  try {
    const program = createProgram(COMMANDS, readVersion(), { streams, done });
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    return explainFailure(thrown, streams);
  }
}

function explainFailure(thrown: unknown, { err }: Streams): number {
  // commander has said what was wrong, or printed what was asked for.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const error = toError(thrown);
  const isOurs = error instanceof RampartError;
  err.write(`rampartctl: ${isOurs ? '' : 'this is a bug: '}${error.message}\n`);
  if (error instanceof CtlError) return error.exitCode;
  if (error instanceof ConfigError) return EXIT.config;
  return isOurs ? EXIT.failed : EXIT.bug;
}
