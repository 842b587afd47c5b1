'use strict';

// One row per room: what it may import besides itself. Anything not listed is forbidden.
const PURE = {
  base: [],
  net: ['base'],
  selector: ['base'],
  resource: ['base', 'net', 'selector'],
  policy: ['base', 'net', 'selector', 'resource'],
  ruleset: ['base', 'net'],
  compile: ['base', 'net', 'policy', 'ruleset'],
  optimise: ['base', 'net', 'ruleset'],
  explain: ['base', 'net', 'policy'],
  report: ['base', 'net', 'policy', 'explain'],
};
const SHELL = {
  source: ['base'],
  netlink: ['base'],
  host: ['base', 'net', 'netlink'],
  'nftables-json': ['base', 'ruleset', 'netlink'],
  conntrack: ['base', 'net', 'netlink'],
  nflog: ['base', 'net', 'netlink'],
  status: ['base'],
  control: ['base', 'report'],
  config: ['base', 'net'],
};
const EVERY_STAGE = [...Object.keys(PURE), ...Object.keys(SHELL)].filter(
  (room) => room !== 'net' && room !== 'selector',
);
const AGENT = { agent: EVERY_STAGE };

const rooms = { ...PURE, ...SHELL, ...AGENT };
const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `room-${room}`,
  comment: `src/${room} may import only: ${[room, ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
}));

const pureRooms = Object.keys(PURE).join('|');

module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: 'every-file-in-a-room',
      comment: 'A source file outside the rooms of the table has no rules.',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: `^src/(${Object.keys(rooms).join('|')})/` },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'pure-rooms-do-no-io',
      comment: 'Pure rooms may use node:crypto and nothing else from Node.',
      severity: 'error',
      from: { path: `^src/(${pureRooms})/` },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'pure-rooms-have-no-packages',
      comment: 'Only resource may use a package, and only zod.',
      severity: 'error',
      from: { path: `^src/(${pureRooms})/` },
      to: { path: 'node_modules', pathNot: 'node_modules/zod/' },
    },
    {
      name: 'zod-in-resource-and-config-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(resource|config)/' },
      to: { path: 'node_modules/zod/' },
    },
    {
      name: 'rampartd-uses-agent-config-base-control',
      severity: 'error',
      from: { path: '^daemon/rampartd' },
      to: { path: '^src/', pathNot: '^src/(agent|config|base|control)/' },
    },
    {
      name: 'rampartctl-uses-pure-rooms-and-file-source',
      severity: 'error',
      from: { path: '^daemon/', pathNot: '^daemon/rampartd' },
      to: {
        path: '^src/',
        pathNot: `^src/(agent|config|base|control|${pureRooms}|source/(file|manifest))`,
      },
    },
    {
      name: 'src-never-imports-daemon-or-test',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(daemon|test|bench)/' },
    },
    {
      name: 'not-to-dev-dep',
      severity: 'error',
      from: { path: '^(src|daemon)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
