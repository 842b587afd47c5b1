import { formatProblem } from '../../../src/base/problem.ts';
import type { Call } from '../command.ts';
import { usageError } from '../ctl-error.ts';
import type { Output } from '../output.ts';
import { loadWorld } from './load-world.ts';
import type { World } from './load-world.ts';
import { nodesWithEndpoints } from './nodes.ts';
import { parseInterface } from './parse-interface.ts';

/** Loads what --resources, --node, --interface and --observe describe; says on standard error what is wrong with it. */
export async function worldOfCall({ options, output }: Call): Promise<World> {
  const { resources, node, interface: interfaces, observe } = options;
  if (typeof resources !== 'string' || typeof node !== 'string') {
    throw usageError('--resources DIR and --node NAME go together: give both');
  }
  const given = Array.isArray(interfaces) ? (interfaces as readonly string[]) : [];
  const world = await loadWorld({
    resources,
    nodeName: node,
    interfaces: given.map(parseInterface),
  });
  sayProblems(world, output);
  if (observe !== true) return world;
  return { ...world, settings: { ...world.settings, enforcement: 'observe' } };
}

/** Says on standard error what is wrong or doubtful in a world. */
export function sayProblems(world: World, output: Output): void {
  for (const problem of world.problems) {
    const colour = problem.severity === 'error' ? 'red' : 'yellow';
    output.note(`${output.paint(colour, `${problem.severity}:`)} ${formatProblem(problem)}`);
  }
  for (const line of doubts(world)) output.note(`${output.paint('yellow', 'warning:')} ${line}`);
}

// An answer about the wrong host is worse than none: it looks right.
function doubts({ nodeName, resolution, updates }: World): readonly string[] {
  if (resolution.policy.endpoints.length > 0) return [];
  if (resolution.governed.length > 0) {
    const names = resolution.governed.map(({ hostEndpoint }) => hostEndpoint.name).join(', ');
    return [
      `HostEndpoint ${names} of node ${nodeName} matches no interface: give the addresses with --interface eth0=ADDRESS. Without it nothing is enforced.`,
    ];
  }
  const others = nodesWithEndpoints(updates);
  const known =
    others.length === 0
      ? 'there is none at all'
      : `there are some for ${others.slice(0, 8).join(', ')}`;
  return [`no HostEndpoint is for node ${nodeName}, ${known}. Nothing is enforced.`];
}
