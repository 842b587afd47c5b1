import { EXIT } from '../exit-codes.ts';
import type { CommandSpec } from './command.ts';

/** What the exit codes of every command mean. */
export const EXIT_MEANINGS: CommandSpec['exits'] = [
  [EXIT.ok, 'done; for questions: answered, whatever the answer'],
  [EXIT.failed, 'something outside failed, such as nftables'],
  [EXIT.usage, 'the command line is wrong'],
  [EXIT.data, 'manifests are wrong or cannot be read'],
  [EXIT.unavailable, 'rampartd does not run here, or may not be asked'],
  [EXIT.bug, 'a bug in rampartctl'],
  [EXIT.config, 'the configuration of this host is wrong'],
];
