import type { Packet, PacketPath } from '../net/packet.ts';
import type { Chain, ConntrackState, Hook, Ruleset } from './ruleset.ts';

/** The packet as one chain sees it. */
export interface PacketView {
  readonly packet: Packet;
  readonly hook: Hook;
  readonly iifname: string;
  readonly oifname: string;
  readonly destination: string;
  readonly destinationPort: number | null;
  readonly conntrack: ConntrackState;
  /** `ct status dnat`. */
  readonly isDnat: boolean;
  readonly mark: number;
}

/** What the kernel remembers of the packet from hook to hook. */
export interface PacketState {
  readonly mark: number;
  /** Null until conntrack has looked, or a rule has said notrack. */
  readonly conntrack: ConntrackState | null;
  readonly isTranslated: boolean;
}

/** Priorities of the kernel's own work in prerouting and output: connection tracking, then DNAT by others. */
const CONNTRACK_PRIORITY = -200;
const DNAT_PRIORITY = -100;

const HOOKS: Readonly<Record<PacketPath, readonly Hook[]>> = {
  input: ['prerouting', 'input'],
  forward: ['prerouting', 'forward', 'postrouting'],
  output: ['output', 'postrouting'],
  loopback: ['output', 'postrouting', 'prerouting', 'input'],
};

/** One stop on a packet's way: a base chain of ours, or the kernel's own work between them. */
export type Stop =
  | { readonly kind: 'chain'; readonly hook: Hook; readonly chain: Chain }
  | { readonly kind: 'conntrack' }
  | { readonly kind: 'dnat' };

/** The stops of a path in the kernel's order, or why that order is not defined. */
export function stopsOf(
  ruleset: Ruleset,
  path: PacketPath,
): readonly Stop[] | { readonly unsupported: string } {
  const stops: Stop[] = [];
  for (const hook of HOOKS[path]) {
    const atHook = stopsAtHook(ruleset, hook);
    for (const [i, { priority }] of atHook.entries()) {
      if (i > 0 && atHook[i - 1]?.priority === priority) {
        return { unsupported: `two things happen in ${hook} at priority ${priority}` };
      }
    }
    stops.push(...atHook.map(({ stop }) => stop));
  }
  return stops;
}

interface StopAtHook {
  readonly priority: number;
  readonly stop: Stop;
}

function stopsAtHook(ruleset: Ruleset, hook: Hook): readonly StopAtHook[] {
  const stops: StopAtHook[] = [];
  for (const chain of ruleset.chains.values()) {
    if (chain.base?.hook !== hook) continue;
    stops.push({ priority: chain.base.priority, stop: { kind: 'chain', hook, chain } });
  }
  if (hook === 'prerouting' || hook === 'output') {
    stops.push({ priority: CONNTRACK_PRIORITY, stop: { kind: 'conntrack' } });
    stops.push({ priority: DNAT_PRIORITY, stop: { kind: 'dnat' } });
  }
  return stops.sort((a, b) => a.priority - b.priority);
}

/** The state after conntrack has looked at the packet; a packet it has seen keeps what it was. */
export function track(state: PacketState, packet: Packet): PacketState {
  return { ...state, conntrack: state.conntrack ?? packet.conntrack };
}

/** The state after `notrack`, which leaves a packet alone that already has a conntrack entry. */
export function untrack(state: PacketState): PacketState {
  return hasEntry(state) ? state : { ...state, conntrack: 'untracked' };
}

/** The state after the nat hook; translation needs a conntrack entry. */
export function translate(state: PacketState, packet: Packet): PacketState {
  return { ...state, isTranslated: packet.dnat !== null && hasEntry(state) };
}

/** What the kernel shows of the packet to a chain at `hook`. */
export function viewAt(hook: Hook, state: PacketState, packet: Packet): PacketView {
  const dnat = state.isTranslated ? packet.dnat : null;
  return {
    packet,
    hook,
    iifname: arrivalName(hook, packet),
    oifname: departureName(hook, state, packet),
    destination: dnat?.destination ?? packet.destination,
    destinationPort: dnat?.destinationPort ?? packet.destinationPort,
    // Before conntrack has looked, a packet has no entry, which is what `invalid` means.
    conntrack: state.conntrack ?? 'invalid',
    isDnat: packet.dnat !== null && hasDnatStatus(state),
    mark: state.mark,
  };
}

// The status belongs to the connection: later packets have it from the start, the first one gets it.
function hasDnatStatus(state: PacketState): boolean {
  const isKnown = state.conntrack === 'established' || state.conntrack === 'related';
  return isKnown || (state.isTranslated && hasEntry(state));
}

function hasEntry({ conntrack }: PacketState): boolean {
  return conntrack === 'new' || conntrack === 'established' || conntrack === 'related';
}

function arrivalName(hook: Hook, { path, iifname }: Packet): string {
  const isLeaving = hook === 'output' || hook === 'postrouting';
  return isLeaving && path !== 'forward' ? '' : iifname;
}

function departureName(hook: Hook, state: PacketState, packet: Packet): string {
  if (hook === 'prerouting' || hook === 'input') return '';
  const isRerouted = hook === 'postrouting' && packet.path !== 'forward' && state.isTranslated;
  return isRerouted ? (packet.oifnameAfterDnat ?? packet.oifname) : packet.oifname;
}
