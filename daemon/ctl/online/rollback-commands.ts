import { EXIT } from '../../exit-codes.ts';
import type { CommandSpec } from '../command.ts';

/** The commands that try a change, and keep it. */
export const ROLLBACK_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'apply-with-rollback',
    args: '<files...>',
    summary: 'Try manifests: without "rampartctl confirm" in time the rules of before come back',
    details:
      'For hosts that read a directory of manifests. The files are checked as "rampartctl check" does, and take the place of those of the same names in that directory; they are only written there by "rampartctl confirm". Whatever happens before that, a lost connection, a crash or a reboot included, the directory is as it was. Refused while rules are held: "rampartctl confirm" ends that.',
    options: [
      {
        flags: '--within <time>',
        about: 'how long, from 5s to 1h, such as 60s or 5m',
        required: true,
      },
    ],
    examples: [
      {
        line: 'rampartctl apply-with-rollback --within 60s /etc/rampart/resources/10-hosts.yaml',
        about: 'then log in once more, and confirm',
      },
    ],
    exits: [
      [EXIT.failed, 'refused, or the rules could not be written: nothing has changed'],
      [EXIT.data, 'at least one error in the manifests: nothing has changed'],
    ],
    load: () => import('./apply-with-rollback.ts'),
  },
  {
    name: 'confirm',
    args: '',
    summary: 'Keep what was tried, or apply what was taken back',
    details:
      'Manifests that were tried are written to the directory, the files that they replace kept beside them with "~" at the end. Rules that were taken back are applied and not watched once more.',
    options: [],
    examples: [{ line: 'rampartctl confirm', about: 'after apply-with-rollback, or a rollback' }],
    exits: [[EXIT.failed, 'there was nothing to confirm, or it could not be written']],
    load: () => import('./confirm.ts'),
  },
];
