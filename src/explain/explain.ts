import type { LocalPolicy } from '../policy/local-policy.ts';
import type { Packet, PacketConntrack } from '../net/packet.ts';
import type { ExplainSettings } from './explain-settings.ts';
import { deciders } from './deciders.ts';
import { judgeStage } from './judge-stage.ts';
import type { World } from './judge-stage.ts';
import type { Direction, SkipReason, Stage, StageOutcome, Step } from './step.ts';

// Who asks for an explanation describes packets through this file.
export type { Packet } from '../net/packet.ts';

/** What policy says about a packet, and everything that led there. */
export interface Explanation {
  readonly packet: Packet;
  readonly verdict: 'allow' | 'deny';
  /** How the kernel refuses it; null when it is allowed. */
  readonly denial: 'drop' | 'reject' | null;
  /** The verdict if this host and all its tiers enforced. */
  readonly enforced: 'allow' | 'deny';
  /** What would deny it but for this host or a tier observing, in the order of evaluation. */
  readonly wouldDeny: readonly string[];
  /** False when untracked policy allowed the packet, or the kernel does not track such packets. */
  readonly tracked: boolean;
  readonly trail: readonly Step[];
}

/**
 * Evaluates a packet directly on policy, stage by stage as the hooks come: untracked, pre-DNAT, then
 * normal for local and forward for routed packets. Never throws; a packet that could not exist
 * (`packetProblem`) gets an answer without meaning.
 */
export function explainPacket(input: {
  readonly policy: LocalPolicy;
  readonly settings: ExplainSettings;
  readonly packet: Packet;
}): Explanation {
  const { packet, settings } = input;
  const journey = new Journey(input);
  if (packet.family === 6 && !settings.ipv6Support) {
    return journey.end([{ kind: 'not-filtered', family: 6 }]);
  }
  switch (packet.path) {
    case 'input':
      journey.arrive('normal');
      break;
    case 'forward':
      journey.arrive('forward');
      journey.ask('forward', 'egress', packet.oifname);
      break;
    case 'output':
      journey.leave();
      break;
    case 'loopback':
      journey.leave();
      journey.forget();
      journey.arrive('normal');
      break;
  }
  return journey.end();
}

/** One packet on its way; nothing is asked any more once it is denied. */
class Journey {
  readonly #world: World;
  readonly #trail: Step[] = [];
  #conntrack: PacketConntrack;
  #isTranslated = false;
  #denial: 'drop' | 'reject' | null = null;
  /** A stage would have denied it: all later ones let it pass. */
  #isObserved = false;

  constructor(world: World) {
    this.#world = world;
    this.#conntrack = world.packet.conntrack;
  }

  /** From the wire, or from the loopback device, up to `last`. */
  arrive(last: 'normal' | 'forward'): void {
    const { iifname } = this.#world.packet;
    let allowed = this.#askUntracked('ingress', iifname);
    if (this.#isObserved) {
      this.#skip('preDNAT', 'ingress', iifname, 'would-be-denied');
    } else if (allowed !== null) {
      this.#skip('preDNAT', 'ingress', iifname, allowed);
    } else if (this.#conntrack === 'established' || this.#conntrack === 'related') {
      this.#skip('preDNAT', 'ingress', iifname, 'known-connection');
    } else if (this.ask('preDNAT', 'ingress', iifname) === 'allow') {
      allowed = 'allowed-preDNAT';
    }
    this.#translate();
    if (allowed === null) this.ask(last, 'ingress', iifname);
    else this.#skip(last, 'ingress', iifname, allowed);
  }

  /** From a local process to the wire or the loopback device. */
  leave(): void {
    const { oifname, oifnameAfterDnat } = this.#world.packet;
    const allowed = this.#askUntracked('egress', oifname);
    if (this.#denial !== null) return;
    this.#translate();
    // A translated packet is judged after routing anew, in postrouting, where the kernel cannot reject.
    const finalName = this.#isTranslated ? (oifnameAfterDnat ?? oifname) : oifname;
    if (allowed !== null) this.#skip('normal', 'egress', finalName, allowed);
    else if (this.ask('normal', 'egress', finalName) === 'deny' && this.#isTranslated) {
      this.#denial = 'drop';
    }
  }

  /** Coming in again over the loopback device: marks are forgotten there. */
  forget(): void {
    this.#isObserved = false;
  }

  ask(stage: Stage, direction: Direction, interfaceName: string): StageOutcome {
    if (this.#denial !== null) return 'deny';
    if (this.#isObserved) {
      this.#skip(stage, direction, interfaceName, 'would-be-denied');
      return 'skip';
    }
    const situation = { conntrack: this.#conntrack, isTranslated: this.#isTranslated };
    const visit = { stage, direction, interfaceName };
    const outcome = judgeStage(this.#world, visit, situation, (step) => this.#trail.push(step));
    if (outcome === 'would-deny') this.#isObserved = true;
    if (outcome === 'deny') {
      this.#denial = this.#world.settings.denyAction === 'Reject' ? 'reject' : 'drop';
    }
    return outcome;
  }

  end(steps: readonly Step[] = this.#trail): Explanation {
    const denial = this.#denial;
    const wouldDeny = deciders(steps, ({ kind }) => kind === 'observed');
    return {
      packet: this.#world.packet,
      verdict: denial === null ? 'allow' : 'deny',
      denial,
      enforced: denial === null && wouldDeny.length === 0 ? 'allow' : 'deny',
      wouldDeny,
      tracked: this.#conntrack !== 'untracked',
      trail: steps,
    };
  }

  #askUntracked(direction: Direction, interfaceName: string): SkipReason | null {
    if (this.ask('untracked', direction, interfaceName) !== 'allow') return null;
    // On its way back in over the loopback device a packet keeps the entry it got on its way out.
    if (direction === 'egress' || !this.#hasEntryFromOutput()) this.#conntrack = 'untracked';
    return 'allowed-untracked';
  }

  #hasEntryFromOutput(): boolean {
    return this.#world.packet.path === 'loopback' && this.#hasEntry();
  }

  #hasEntry(): boolean {
    return this.#conntrack !== 'invalid' && this.#conntrack !== 'untracked';
  }

  #translate(): void {
    this.#isTranslated ||= this.#world.packet.dnat !== null && this.#hasEntry();
  }

  #skip(stage: Stage, direction: Direction, interfaceName: string, reason: SkipReason): void {
    if (this.#denial !== null) return;
    this.#trail.push({ kind: 'stage-skipped', stage, direction, interfaceName, reason });
  }
}
