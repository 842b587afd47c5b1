import assert from 'node:assert/strict';
import fc from 'fast-check';
import { explainPacket } from '../../src/explain/explain.ts';
import type { ExplainSettings } from '../../src/explain/explain-settings.ts';
import { parseAddress } from '../../src/net/address.ts';
import { cidrContains, parseNet } from '../../src/net/cidr.ts';
import { icmpProtocol } from '../../src/net/packet.ts';
import type { Packet } from '../../src/net/packet.ts';
import type { LocalPolicy } from '../../src/policy/local-policy.ts';
import { reachability } from '../../src/report/reachability.ts';
import type { LocalInterface, Reachability, Service } from '../../src/report/reachability.ts';
import { localPolicyOf, packets, settings, worlds } from '../support/random-policy.ts';
import { ADDRESSES } from '../support/random-rule.ts';

const RUNS = Number(process.env['REACHABILITY_RUNS'] ?? 40);

interface Subject {
  readonly policy: LocalPolicy;
  readonly settings: ExplainSettings;
  readonly interfaces: readonly LocalInterface[];
}

// As emptyStore of random-policy has them.
function interfacesOf({ endpoints }: LocalPolicy): readonly LocalInterface[] {
  const star = endpoints.find(({ interfaces }) => interfaces === '*');
  return ['eth0', 'eth1'].map((name, i) => {
    const own = endpoints.find((one) => one.interfaces !== '*' && one.interfaces.includes(name));
    const endpoint = (own ?? star)?.hostEndpoint.name ?? null;
    const addresses = ([4, 6] as const).flatMap((family) => ADDRESSES[family][i * 3] ?? []);
    return { name, addresses, endpoint };
  });
}

/** A new connection of this host, from a packet of any kind. */
function onThisHost(packet: Packet, { name, addresses }: LocalInterface): Packet {
  const local = addresses.find((one) => one.includes(':') === (packet.family === 6)) ?? '';
  const isIn = packet.path === 'input' || packet.path === 'forward';
  const plain = {
    ...packet,
    oifnameAfterDnat: null,
    conntrack: 'new',
    dnat: null,
    mark: 0,
  } as const;
  const whole = { ...plain, hopLimit: 255 };
  return isIn
    ? { ...whole, path: 'input', iifname: name, oifname: '', destination: local }
    : { ...whole, path: 'output', iifname: '', oifname: name, source: local };
}

function isIn(address: string, members: Iterable<string>): boolean {
  const parsed = parseAddress(address);
  return [...members].some((one) => {
    const net = parseNet(one);
    return net !== null && parsed !== null && cidrContains(net, parsed);
  });
}

function rowsOf({ peers }: Reachability, address: string, policy: LocalPolicy): readonly number[] {
  const named = peers.flatMap(({ key }, i) => {
    const [kind, name = ''] = key.split(' ', 2);
    if (kind === '*') return [];
    const set = policy.sets.get(name);
    const members = kind === 'net' ? [name] : [...(set?.ipv4 ?? []), ...(set?.ipv6 ?? [])];
    return isIn(address, members) ? [i] : [];
  });
  return named.length > 0 ? named : [peers.length - 1];
}

function holds({ classes }: Service, packet: Packet, isKnown: (p: number) => boolean): boolean {
  const { family, protocol, destinationPort, icmpType } = packet;
  const isStrange = (protocol === 1 || protocol === 58) && protocol !== icmpProtocol(family);
  return classes.some((one) => {
    if (one.protocol === 'other') return isStrange || !isKnown(protocol);
    if (one.protocol !== protocol || isStrange) return false;
    if (one.ports !== null)
      return (destinationPort ?? -1) >= one.ports.from && (destinationPort ?? -1) <= one.ports.to;
    return one.icmpType === null || one.icmpType === 'other' || one.icmpType === icmpType;
  });
}

function columnOf({ services }: Reachability, packet: Packet): number {
  const classes = services.flatMap((one) => one.classes);
  const isKnown = (protocol: number): boolean => classes.some((one) => one.protocol === protocol);
  const exact = services.findIndex(
    (service) =>
      packet.icmpType !== null &&
      service.classes.some(
        (one) => one.protocol === packet.protocol && one.icmpType === packet.icmpType,
      ),
  );
  const isIcmp = packet.protocol === icmpProtocol(packet.family);
  return isIcmp && exact >= 0
    ? exact
    : services.findIndex((service) => holds(service, packet, isKnown));
}

const seen = { allow: 0, deny: 0, partly: 0 };

function assertTrue(subject: Subject, tables: readonly Reachability[], packet: Packet): void {
  const isInput = packet.path === 'input';
  const name = isInput ? packet.iifname : packet.oifname;
  const direction = isInput ? 'ingress' : 'egress';
  const table = tables.find((one) => one.interfaces.includes(name) && one.direction === direction);
  const isGoverned = subject.interfaces.some((one) => one.name === name && one.endpoint !== null);
  assert.equal(table !== undefined, isGoverned);
  if (table === undefined) return;
  assert.equal(table.problem, null);
  const { verdict } = explainPacket({ ...subject, packet });
  const column = columnOf(table, packet);
  assert.notEqual(column, -1, `no column for ${JSON.stringify(packet)}`);
  const peer = isInput ? packet.source : packet.destination;
  for (const row of rowsOf(table, peer, subject.policy)) {
    const cell = table.cells[row]?.[column];
    assert.ok(
      cell === verdict || cell === 'partly',
      `${verdict}, but ${String(cell)} for ${table.peers[row]?.label} and ${table.services[column]?.label}: ${JSON.stringify(packet)}`,
    );
    seen[cell] += 1;
  }
}

describe('reachability', () => {
  it('says of every packet what becomes of it', () => {
    fc.assert(
      fc.property(
        worlds,
        settings,
        fc.array(packets, { minLength: 30, maxLength: 30 }),
        (world, chosen, many) => {
          const policy = localPolicyOf(world);
          const interfaces = interfacesOf(policy);
          const subject = { policy, settings: chosen, interfaces };
          const tables = reachability(subject);
          for (const packet of many)
            for (const one of interfaces) assertTrue(subject, tables, onThisHost(packet, one));
        },
      ),
      { numRuns: RUNS },
    );
    // A table of nothing but "partly" would be true as well.
    assert.ok(seen.allow > 0 && seen.deny > 0, JSON.stringify(seen));
    assert.ok(seen.partly < seen.allow + seen.deny, JSON.stringify(seen));
  });
});
