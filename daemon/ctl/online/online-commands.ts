import { EXIT } from '../../exit-codes.ts';
import type { CommandSpec } from '../command.ts';
import { DOCUMENT_FORMATS } from '../output.ts';
import { RESOURCES } from '../offline/offline-options.ts';
import { ROLLBACK_COMMANDS } from './rollback-commands.ts';

/** The commands that ask the daemon of this host, in the order of the help. */
export const ONLINE_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'status',
    args: '',
    summary: 'Show whether this host is protected, and what keeps it from being so',
    details: '',
    options: [],
    examples: [
      { line: 'rampartctl status', about: 'one look' },
      { line: 'rampartctl status -o json', about: 'for a program' },
    ],
    exits: [],
    load: () => import('./status.ts'),
  },
  {
    name: 'policies',
    args: '',
    summary: 'Show the policies in force, in the order of evaluation, with what they counted',
    details: 'A counter is shared by all stages and endpoints in which its rule is in force.',
    options: [],
    examples: [{ line: 'rampartctl policies', about: 'every endpoint, stage and direction' }],
    exits: [],
    load: () => import('./policies.ts'),
  },
  {
    name: 'staged',
    args: '[name]',
    summary: 'Show which flows the verdict of staged policies would change',
    details:
      'Flows that are seen here are judged with what is enforced, and with each StagedGlobalNetworkPolicy that concerns this host, alone and all together. With a name: the latest flows that it would change.',
    options: [],
    examples: [
      { line: 'rampartctl staged', about: 'how many flows each would allow or deny' },
      { line: 'rampartctl staged -o json', about: 'the same with examples, for a program' },
    ],
    exits: [[EXIT.usage, 'no staged policy of that name concerns this host']],
    load: () => import('./staged.ts'),
  },
  {
    name: 'flows',
    args: '',
    summary: 'Show the packets that policy denied of late, and what denied each',
    details:
      'Needs flows.denied in rampart.yaml. Each rule tells of at most flows.rateLimit packets a second; "rampartctl counters" has them all.',
    options: [
      { flags: '--limit <number>', about: 'the latest so many, up to 1000 (default: 50)' },
      { flags: '--follow', about: 'go on with what is denied from now on' },
      { flags: '--count <number>', about: 'with --follow: end after so many' },
    ],
    examples: [
      { line: 'rampartctl flows', about: 'the latest fifty' },
      { line: 'rampartctl flows --limit 1000 -o json', about: 'all that are kept, for a program' },
    ],
    exits: [],
    load: () => import('./flows.ts'),
  },
  {
    name: 'endpoints',
    args: '',
    summary: 'Show the host endpoints of this host, and which interface each governs',
    details: '',
    options: [],
    examples: [{ line: 'rampartctl endpoints', about: 'endpoints and interfaces' }],
    exits: [],
    load: () => import('./endpoints.ts'),
  },
  {
    name: 'sets',
    args: '[name]',
    summary: 'Show the sets that rules refer to, or the members of one',
    details: 'A set is named by its id, or by the name of either of its nftables sets.',
    options: [],
    examples: [
      { line: 'rampartctl sets', about: 'all sets, with the number of members' },
      {
        line: 'rampartctl sets s-4d3a0dc8c13912bb78d38a57',
        about: 'the members of one',
      },
    ],
    exits: [],
    load: () => import('./sets.ts'),
  },
  {
    name: 'counters',
    args: '',
    summary: 'Show what every counter of the table has counted',
    details: '',
    options: [
      { flags: '--watch [seconds]', about: 'again and again, what was counted in between' },
      { flags: '--count <times>', about: 'with --watch: end after so many times' },
    ],
    examples: [
      { line: 'rampartctl counters', about: 'since the counters were made' },
      { line: 'rampartctl counters --watch 1 --count 2', about: 'two times, a second apart' },
    ],
    exits: [],
    load: () => import('./counters.ts'),
  },
  {
    name: 'report',
    args: '',
    summary:
      'Report on this host for an audit: policies, changes, unused rules, and who reaches what',
    details:
      'Who may reach what is found by evaluating packets, not by reading rules. The daemon keeps 400 days of changes, at most 4 MiB; when rules were last hit is known to the minute.',
    options: [
      {
        flags: '--since <time>',
        about:
          'changes since then, and rules not hit since then: 12h, 7d, 2026-11-01 (default: all)',
      },
      { flags: '--file <path>', about: 'write it there, readable by its owner only' },
    ],
    formats: DOCUMENT_FORMATS,
    examples: [
      { line: 'rampartctl report --since 7d', about: 'what happened in a week, as Markdown' },
      {
        line: 'rampartctl report -o html --file report.html',
        about: 'one page with pictures, to look at or print',
      },
    ],
    exits: [],
    load: () => import('./report.ts'),
  },
  {
    name: 'diff',
    args: '',
    summary: 'Show how the table in the kernel differs from what it should be',
    details:
      'What should be there is loaded into a network namespace of its own, so that nft itself writes both sides. Needs root, nft and unshare.',
    options: [],
    examples: [{ line: 'rampartctl diff', about: 'lines that are missing (-) and too many (+)' }],
    exits: [[1, 'there are differences, or the question could not be answered']],
    load: () => import('./diff.ts'),
  },
  {
    name: 'trace',
    args: '[packet...]',
    summary: 'Follow matching packets through nftables, as they come',
    details:
      'The packet is a protocol, a source and a destination, as in explain; any stands for anything. Rules are named by policy, and those of other tables are shown as well. Works without the daemon; needs root, Linux 5.12 and nft 1.0. The mark is set in a table of its own, which goes away with this program.',
    options: [
      { flags: '--count <packets>', about: 'stop after so many packets (default: 10)' },
      { flags: '--for <seconds>', about: 'stop after so long (default: 30)' },
    ],
    examples: [
      {
        line: 'rampartctl trace tcp any 10.0.0.1:22 --for 1',
        about: 'who tries SSH, and what becomes of it?',
      },
    ],
    exits: [],
    load: () => import('./trace.ts'),
  },
  {
    name: 'simulate',
    args: '',
    summary: 'Say what other objects would change for the traffic there is',
    details:
      'The directory holds all objects that would be in the datastore, not only those that differ. Live connections of this host are judged as if they began now, once by the policy in force and once by these objects; rules that have counted packets and would be gone are named. Connections of which the interfaces are not known are not looked at. On a host that observes, verdicts are those that enforcing gives. Nothing is programmed.',
    options: [{ ...RESOURCES, about: 'the objects to try', required: true }],
    examples: [
      {
        line: 'rampartctl simulate --resources /etc/rampart/resources',
        about: 'before these manifests are applied',
      },
    ],
    exits: [],
    load: () => import('./simulate.ts'),
  },
  {
    name: 'cut',
    args: '[net...]',
    summary: 'Cut the live connections that the policy in force refuses',
    details:
      'Policy is asked about new connections only: what was established before a rule denied it goes on until it ends. This ends such connections now, and no others; those of failsafe ports and those within this host are never cut. With networks or addresses, only connections with an end there. See docs/cutting-connections.md.',
    options: [
      { flags: '--dry-run', about: 'say what would be cut, and cut nothing' },
      { flags: '--endpoint <name>', about: 'only what this host endpoint refuses' },
    ],
    examples: [
      { line: 'rampartctl cut --dry-run', about: 'which connections would not come about now?' },
      { line: 'rampartctl cut 192.0.2.0/24', about: 'after a policy that quarantines a network' },
    ],
    exits: [[1, 'some connections could not be cut, or connection tracking cannot be read']],
    load: () => import('./cut.ts'),
  },
  {
    name: 'reapply',
    args: '',
    summary: 'Read datastore and table again, write what differs, and end a flush',
    details: '',
    options: [],
    examples: [{ line: 'rampartctl reapply', about: 'answers when the rules are in the kernel' }],
    exits: [],
    load: () => import('./reapply.ts'),
  },
  {
    name: 'flush',
    args: '',
    summary: 'Open this host: take all rules away, and keep them away',
    details:
      'Remembered over restarts and reboots until "rampartctl reapply", or until the time of --for is over.',
    options: [
      { flags: '--yes-open-this-host', about: 'that this is what you want', required: true },
      { flags: '--for <time>', about: 'for so long, such as 30s, 10m, 2h or 1d' },
    ],
    examples: [
      {
        line: 'rampartctl flush --yes-open-this-host --for 10m',
        about: 'protected again in ten minutes',
      },
    ],
    exits: [],
    load: () => import('./flush.ts'),
  },
  ...ROLLBACK_COMMANDS,
  {
    name: 'trust-datastore',
    args: '',
    summary: 'Follow the cluster that the datastore belongs to now',
    details:
      'A host enforces the policy of one cluster. When etcd turns out to belong to another one, the rules in force stay until this is said.',
    options: [],
    examples: [
      { line: 'rampartctl trust-datastore', about: 'after an intended move to another cluster' },
    ],
    exits: [],
    load: () => import('./trust-datastore.ts'),
  },
  {
    name: 'support-bundle',
    args: '',
    summary: 'Print everything that helps to find out what is wrong on this host',
    details:
      'Status, endpoints, policies, sets with their members, counters and the ruleset, as JSON. Passwords and keys are not in it, addresses and names are.',
    options: [],
    examples: [
      { line: 'rampartctl support-bundle', about: 'redirect it into a file and send that' },
    ],
    exits: [],
    load: () => import('./support-bundle.ts'),
  },
];
