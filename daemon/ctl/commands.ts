import type { CommandSpec, Run } from './command.ts';
import { EXIT } from '../exit-codes.ts';
import { ONLINE_COMMANDS } from './online/online-commands.ts';
import { INTERFACES, NODE, OBSERVE, RESOURCES } from './offline/offline-options.ts';

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
    options: [required(RESOURCES), required(NODE), INTERFACES, OBSERVE],
    examples: [
      {
        line: 'rampartctl render --resources /etc/rampart/resources --node db-1 --interface eth0=198.51.100.1,2001:db8:1::1',
        about: 'as text for nft -f',
      },
      {
        line: 'rampartctl render --resources /etc/rampart/resources --node db-1 --interface eth0=198.51.100.1 -o json',
        about: 'as data',
      },
      {
        line: 'rampartctl render --resources /etc/rampart/resources --node db-1 --interface eth0=198.51.100.1 --observe',
        about: 'as on a host that observes',
      },
    ],
    exits: [],
    load: () => import('./render.ts'),
  },
  {
    name: 'explain',
    args: '[packet...]',
    summary: 'Say what becomes of a packet, and why',
    details:
      'The packet is a protocol (tcp, udp, icmp, icmpv6, sctp, udplite or a number), a source and a destination: 10.0.0.1:22, [2001:db8::1]:443, or addresses alone for protocols without ports. Asks rampartd; with --resources and --node answers for any host, without it.',
    options: [
      { flags: '--in <interface>', about: 'it comes in here, for a process of this host' },
      { flags: '--out <interface>', about: 'it leaves here, from a process of this host' },
      { flags: '--forward <in out...>', about: 'it is routed, from one interface to another' },
      {
        flags: '--state <state>',
        about: 'what connection tracking calls it (default: new)',
        choices: ['new', 'established', 'related', 'invalid', 'untracked'],
      },
      { flags: '--icmp-type <number>', about: 'default: echo request' },
      { flags: '--icmp-code <number>', about: 'default: 0' },
      {
        flags: '--dnat <address>',
        about: 'where port forwarding sends it: 10.0.2.50 or 10.0.2.50:80',
      },
      RESOURCES,
      NODE,
      INTERFACES,
    ],
    examples: [
      {
        line: 'rampartctl explain --in eth0 tcp 198.51.100.10:4000 10.0.0.1:22',
        about: 'may this client reach SSH here?',
      },
      {
        line: 'rampartctl explain --forward eth0 eth1 udp 198.51.100.10:4000 10.0.2.50:53 -o json',
        about: 'a routed packet, for a program',
      },
      {
        line: 'rampartctl explain --resources /etc/rampart/resources --node db-1 --interface eth0=198.51.100.1,2001:db8:1::1 --in eth0 tcp [2001:db8:2::7]:4000 [2001:db8:1::1]:5432',
        about: 'without the daemon, for a host that is matched by address',
      },
    ],
    exits: [[EXIT.ok, 'answered: the verdict is in the answer, not in the exit code']],
    load: () => import('./explain.ts'),
  },
  ...ONLINE_COMMANDS,
  {
    name: 'completion',
    args: '<shell>',
    summary: 'Print what a shell has to read to complete command lines',
    details: 'Shells are bash and zsh.',
    options: [],
    examples: [
      { line: 'rampartctl completion bash', about: 'for /etc/bash_completion.d/rampartctl' },
      { line: 'rampartctl completion zsh', about: 'for a file that .zshrc reads' },
    ],
    exits: [],
    load: async (): Promise<{ readonly run: Run }> => {
      const { createRun } = await import('./completion.ts');
      return { run: createRun(COMMANDS) };
    },
  },
];
