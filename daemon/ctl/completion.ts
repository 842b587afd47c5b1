import { EXIT } from '../exit-codes.ts';
import type { CommandSpec, Run } from './command.ts';
import { completionScript, SHELLS } from './completion-script.ts';
import { unknownName } from './ctl-error.ts';

/** `rampartctl completion`: what a shell has to read to complete the command lines of `commands`. */
export function createRun(commands: readonly CommandSpec[]): Run {
  return async ({ args, output }) => {
    const [name = ''] = args;
    const shell = SHELLS.find((one) => one === name);
    if (shell === undefined) throw unknownName('shell', name, SHELLS);
    const script = completionScript(commands, shell);
    await output.print({ shell, script }, () => script);
    return EXIT.ok;
  };
}
