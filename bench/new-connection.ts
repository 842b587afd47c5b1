// What a ruleset costs the first packet of a connection, beside no rules at all and beside the same policies
// as a list that is walked from the top.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optimiseRuleset } from '../src/optimise/optimise.ts';
import type { Ruleset } from '../src/ruleset/ruleset.ts';
import { addressNumber, PacketSender } from './packet-sender.ts';
import { FIRST_PORT, linearRuleset, loadRuleset, RULE_WORLDS } from './rule-worlds.ts';
import type { RuleWorld } from './rule-worlds.ts';
import { HOST_ADDRESS, layWire } from './wire.ts';

/** Nanoseconds a packet; `empty` is a host endpoint without policies, which denies everything. */
export interface ConnectionFigures {
  readonly empty: number;
  readonly worlds: readonly {
    readonly what: string;
    readonly sizes: readonly SizeFigures[];
  }[];
}

interface SizeFigures {
  readonly rules: number;
  readonly linear: number;
  readonly optimised: number;
}

const BATCH = 256;
const WARM_UP = 4;
const MOST_BATCHES = 2_000;
const TIME_MS = 700;

/** Measures packets that no rule lets in, each on a port of some rule: the dearest there are. */
export async function measureNewConnections(sizes: readonly number[]): Promise<ConnectionFigures> {
  const wire = await layWire();
  const home = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
  const sender = new PacketSender(addressNumber(HOST_ADDRESS), BATCH);
  const measure = async (ruleset: Ruleset, ports: number): Promise<number> => {
    await loadRuleset(wire.host, ruleset, join(home, 'rules.nft'));
    return flood(sender, ports);
  };
  const sizesOf = async (world: RuleWorld): Promise<readonly SizeFigures[]> => {
    const figures: SizeFigures[] = [];
    for (const rules of sizes) {
      const ruleset = linearRuleset(world, rules);
      const optimised = await measure(optimiseRuleset(ruleset), world.ports(rules));
      const linear = await measure(ruleset, world.ports(rules));
      figures.push({ rules, linear, optimised });
    }
    return figures;
  };
  try {
    const [first] = RULE_WORLDS;
    if (first === undefined) throw new Error('there is nothing to measure');
    const empty = await measure(linearRuleset(first, 0), 1);
    const worlds = [];
    for (const world of RULE_WORLDS) worlds.push({ what: world.what, sizes: await sizesOf(world) });
    return { empty, worlds };
  } finally {
    sender.close();
    rmSync(home, { recursive: true });
    await wire.dispose();
  }
}

/** Lines for a terminal. */
export function formatNewConnections({ empty, worlds }: ConnectionFigures): string {
  const lines = worlds.flatMap(({ what, sizes }) => [
    `  ${what}`,
    ...sizes.map(
      ({ rules, linear, optimised }) =>
        `    ${String(rules).padStart(6)} rules: ${ns(optimised)} ns, linear ${ns(linear)} ns ` +
        `(${(linear / optimised).toFixed(1)} ×), ${(optimised / (sizes[0]?.optimised ?? NaN)).toFixed(2)} × ` +
        `the cost of ${sizes[0]?.rules ?? 0} rules`,
    ),
  ]);
  return [
    `a packet of a new flow, sending it included; no policies ${ns(empty)} ns`,
    ...lines,
  ].join('\n');
}

function ns(value: number): string {
  return Math.round(value).toString().padStart(6);
}

// From addresses that no rule names. Nothing is let in, so every packet begins a flow.
function flood(sender: PacketSender, ports: number): number {
  let serial = 0;
  const batch = (): number =>
    sender.send((i) => {
      serial += 1;
      return {
        source: 0xac10_0000 + (serial & 0xf_ffff),
        sourcePort: 1024 + (i & 0x7fff),
        destinationPort: FIRST_PORT + (serial % ports),
      };
    });
  for (let i = 0; i < WARM_UP; i++) batch();
  const costs: number[] = [];
  const end = performance.now() + TIME_MS;
  while (costs.length < MOST_BATCHES && performance.now() < end) costs.push(batch());
  return costs.sort((a, b) => a - b)[costs.length >> 1] ?? NaN;
}
