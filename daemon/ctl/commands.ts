import type { CommandSpec } from './command.ts';
import { EXIT } from '../exit-codes.ts';
import { INTERFACES, NODE, RESOURCES } from './offline/offline-options.ts';

const required = <T extends object>(option: T): T & { readonly required: true } => ({
  ...option,
  required: true,
});

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'check',
    args: '<files...>',
    summary: 'Say what is wrong with manifests, with line and column',
    details:
      'Files and directories are read as rampartd reads its directory of manifests, and held against the rules of calicoctl.',
    options: [],
    examples: [
      { line: 'rampartctl check /etc/rampart/resources', about: 'everything in a directory' },
      {
        line: 'rampartctl check -o json /etc/rampart/resources/10-hosts.yaml',
        about: 'one file, for a program',
      },
    ],
    exits: [
      [EXIT.ok, 'no errors; there may be warnings'],
      [EXIT.data, 'at least one error'],
    ],
    load: () => import('./check.ts'),
  },
  {
    name: 'render',
    args: '',
    summary: 'Print the nftables ruleset that objects lead to on a host',
    details:
      'Nothing is programmed. Settings are those of FelixConfiguration and built-in ones; the configuration of this host has no part in it.',
    options: [required(RESOURCES), required(NODE), INTERFACES],
    examples: [
      {
        line: 'rampartctl render --resources /etc/rampart/resources --node db-1 --interface eth0=198.51.100.1,2001:db8:1::1',
        about: 'as text for nft -f',
      },
      {
        line: 'rampartctl render --resources /etc/rampart/resources --node db-1 --interface eth0=198.51.100.1 -o json',
        about: 'as data',
      },
    ],
    exits: [],
    load: () => import('./render.ts'),
  },
];
