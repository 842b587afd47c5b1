import { writeFileSync } from 'node:fs';
import { compileRuleset } from '../src/compile/compile.ts';
import type { CompileSettings } from '../src/compile/settings.ts';
import { DEFAULT_FAILSAFE_INBOUND, DEFAULT_FAILSAFE_OUTBOUND } from '../src/net/failsafe.ts';
import { PolicyStore } from '../src/policy/policy-store.ts';
import { decodeUpdate } from '../src/resource/decode.ts';
import { nftPieces } from '../src/ruleset/nft-text.ts';
import type { Ruleset } from '../src/ruleset/ruleset.ts';
import type { Namespace } from '../test/support/netns.ts';
import { ingressPolicy, hostEntries, networkSet, workloadEndpoint } from './cluster.ts';
import type { Entry } from './cluster.ts';
import { HOST_INTERFACE } from './wire.ts';

/** Policies of one rule each, of one kind; their ports begin at 1000. */
export interface RuleWorld {
  readonly what: string;
  /** How many ports `count` rules are about. */
  readonly ports: (count: number) => number;
  /** Where the `i`-th rule lets packets come from. */
  readonly source: (i: number) => object;
  /** What it needs for that. */
  readonly also?: (i: number) => Entry;
}

/** The lowest port that a rule is about. */
export const FIRST_PORT = 1000;
const SERVICES = 100;
const APPS = 200;
const REPLICA_SETS = 1_000;

/** What hosts are given: services for pods, services for networks, and many of each on the same port. */
export const RULE_WORLDS: readonly RuleWorld[] = [
  {
    what: 'a port each, for the pods of an app',
    ports: (count) => count,
    source: (i) => ({ selector: `app == 'app-${i % APPS}'` }),
  },
  {
    what: `${SERVICES} ports, a network each`,
    ports: (count) => Math.min(count, SERVICES),
    source: (i) => ({ nets: [`10.${i >> 8}.${i & 255}.0/24`] }),
  },
  {
    what: `${SERVICES} ports, for the pods of ${APPS} apps`,
    ports: (count) => Math.min(count, SERVICES),
    source: (i) => ({ selector: `app == 'app-${Math.floor(i / SERVICES) % APPS}'` }),
  },
  {
    what: `one port, for the pods of ${REPLICA_SETS} replica sets`,
    ports: () => 1,
    source: (i) => ({ selector: `pod-template-hash == '${(i % REPLICA_SETS).toString(16)}'` }),
  },
  {
    what: 'one port, a set of four networks each',
    ports: () => 1,
    source: (i) => ({ selector: `set == 'nets-${i}'` }),
    also: (i) =>
      networkSet(
        `nets-${i}`,
        [0, 1, 2, 3].map((j) => `10.${i >> 8}.${i & 255}.${j << 6}/27`),
      ),
  },
];

const SETTINGS: CompileSettings = {
  enforcement: 'enforce',
  failsafeInbound: DEFAULT_FAILSAFE_INBOUND,
  failsafeOutbound: DEFAULT_FAILSAFE_OUTBOUND,
  disableConntrackInvalidCheck: false,
  denyAction: 'Drop',
  logPrefix: 'calico-packet',
  logRateLimit: null,
  markMask: 0xffff0000,
  ipv6Support: true,
  neighbourDiscoveryKeepAlive: true,
  deniedLog: null,
};

const PODS = 2_000;

/** The ruleset of a host with `count` rules, as it comes from the policies. */
export function linearRuleset(world: RuleWorld, count: number): Ruleset {
  const node = 'bench-host';
  const store = new PolicyStore(node);
  store.setInterfaces([{ name: HOST_INTERFACE, running: true, addresses: [] }], () => false);
  for (const entry of hostEntries(node, HOST_INTERFACE)) put(store, entry);
  for (let i = 0; i < PODS; i++) put(store, workloadEndpoint(i));
  for (let i = 0; i < count; i++) {
    if (world.also !== undefined) put(store, world.also(i));
    put(store, policyOf(world, i, count));
  }
  return compileRuleset(store.resolve().policy, SETTINGS);
}

/** Replaces the host's ruleset. */
export async function loadRuleset(host: Namespace, ruleset: Ruleset, file: string): Promise<void> {
  writeFileSync(file, [...nftPieces(ruleset)].join(''));
  await host.run(['nft', '-f', file]);
}

function policyOf(world: RuleWorld, i: number, count: number): Entry {
  const port = FIRST_PORT + (i % world.ports(count));
  const allow = { action: 'Allow', protocol: 'UDP', source: world.source(i) };
  return ingressPolicy(`allow-${i}`, i, [{ ...allow, destination: { ports: [port] } }]);
}

function put(store: PolicyStore, { key, value }: Entry): void {
  const update = decodeUpdate({ key, value: Buffer.from(value), revision: 1 });
  if (!update?.resource) throw new Error(`${key} cannot be read`);
  store.apply(update);
}
