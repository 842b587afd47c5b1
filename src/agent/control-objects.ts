import { splitSetName } from '../compile/set-names.ts';
import { ControlError } from '../control/handler.ts';
import type { EndpointsAnswer, SetAnswer, SetsAnswer, SetView } from '../control/wire.ts';
import { nearestName } from '../config/nearest-name.ts';
import type { NetworkInterface } from '../host/host.ts';
import type { Governed } from '../policy/governed-interfaces.ts';
import type { LocalPolicy, MemberSet } from '../policy/local-policy.ts';

/** This host's endpoints and interfaces, and which governs which. */
export function endpointsAnswer(
  governed: readonly Governed[],
  interfaces: readonly NetworkInterface[],
): EndpointsAnswer {
  const star = governed.find((one) => one.interfaces === '*');
  const governorOf = (name: string): Governed | undefined =>
    governed.find((one) => one.interfaces !== '*' && one.interfaces.includes(name)) ?? star;
  return {
    endpoints: governed.map(({ hostEndpoint, interfaces: names, state }) => {
      const { name, labels, expectedIPs, profiles } = hostEndpoint;
      const governs = names === '*' ? ['*'] : names;
      return { name, interfaces: governs, state, labels, expectedIPs, profiles };
    }),
    interfaces: interfaces.map(({ name, running, addresses }) => ({
      name,
      running,
      addresses,
      endpoint: governorOf(name)?.hostEndpoint.name ?? null,
    })),
  };
}

/** All sets, without their members. */
export function setsAnswer({ sets }: LocalPolicy): SetsAnswer {
  return { sets: [...sets.values()].map(setView) };
}

/** One set with its members, found by its id or by the name of either of its nftables sets. */
export function setAnswer({ sets }: LocalPolicy, name: string): SetAnswer {
  const set = sets.get(name) ?? sets.get(splitSetName(name).id);
  if (set !== undefined) return { ...setView(set), ipv4: [...set.ipv4], ipv6: [...set.ipv6] };
  const near = nearestName(name, [...sets.keys()]);
  const hint = near === null ? '"rampartctl sets" lists them' : `did you mean ${near}?`;
  throw new ControlError(404, 'unknown-set', `there is no set ${name}: ${hint}`);
}

function setView({ id, kind, description, ipv4, ipv6 }: MemberSet): SetView {
  return { id, kind, description, members: { ipv4: ipv4.size, ipv6: ipv6.size } };
}
