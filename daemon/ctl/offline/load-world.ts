import { loadConfig } from '../../../src/config/load-config.ts';
import { resolveSettings } from '../../../src/config/felix-settings.ts';
import type { DataplaneSettings } from '../../../src/config/felix-settings.ts';
import { matchesInterface } from '../../../src/config/interface-pattern.ts';
import type { LocalConfig } from '../../../src/config/local-config.ts';
import { formatProblem } from '../../../src/base/problem.ts';
import type { Problem } from '../../../src/base/problem.ts';
import type { LocalInterface } from '../../../src/policy/governed-interfaces.ts';
import { PolicyStore } from '../../../src/policy/policy-store.ts';
import type { Resolution } from '../../../src/policy/resolver.ts';
import { decodeUpdate } from '../../../src/resource/decode.ts';
import type { ResourceUpdate } from '../../../src/resource/resource.ts';
import { admitFile, mergeFiles } from '../../../src/source/manifest-set.ts';
import { dataError, usageError } from '../ctl-error.ts';
import { admit, readDirectory } from './read-manifests.ts';

/** What a host would enforce with the objects of a directory. */
export interface World {
  readonly nodeName: string;
  readonly resolution: Resolution;
  /** What the resolution comes from, for what it does not say. */
  readonly store: Pick<PolicyStore, 'candidatesFor' | 'contributorsOf'>;
  readonly settings: DataplaneSettings;
  readonly updates: readonly ResourceUpdate[];
  /** Everything that is wrong or doubtful, in the objects and between them. */
  readonly problems: readonly Problem[];
}

/** Which host, and what it has. */
export interface WorldOptions {
  readonly resources: string;
  readonly nodeName: string;
  readonly interfaces: readonly LocalInterface[];
}

/**
 * Reads a directory of manifests as rampartd would with its file datastore. This host's own configuration has
 * no part in it: settings are those of FelixConfiguration, and built-in ones. Throws CtlError when a file
 * cannot be understood; objects that are refused are left out, and named in `problems`.
 */
export async function loadWorld(options: WorldOptions): Promise<World> {
  const local = configFor(options.nodeName);
  const files = await readDirectory(options.resources);
  const admitted = files.map(({ path, manifest }) => admitFile(path, manifest, admit));
  const { objects, problems } = mergeFiles(admitted);
  if (admitted.some(({ broken }) => broken)) {
    throw dataError(
      admitted
        .flatMap((one) => (one.broken ? one.problems : []))
        .map(formatProblem)
        .join('\n'),
    );
  }
  const encoder = new TextEncoder();
  const updates = [...objects.values()].flatMap(
    ({ key, value }) => decodeUpdate({ key, value: encoder.encode(value), revision: 1 }) ?? [],
  );
  return resolveWorld(updates, local, options, problems);
}

function resolveWorld(
  updates: readonly ResourceUpdate[],
  local: LocalConfig,
  { nodeName, interfaces }: WorldOptions,
  problems: readonly Problem[],
): World {
  const store = new PolicyStore(nodeName);
  for (const update of updates) store.apply(update);
  const resolved = resolveSettings({ environmentFelix: new Map(), local, ...store.felixLayers });
  const { settings } = resolved;
  store.setInterfaces(interfaces, (name) => matchesInterface(settings.interfaceExclude, name));
  const resolution = store.resolve();
  const isSaid = (problem: Problem): boolean =>
    problems.some(
      ({ code, field, object }) =>
        code === problem.code && field === problem.field && object.endsWith(problem.object),
    );
  const decoded = updates.flatMap((update) => update.problems.filter((one) => !isSaid(one)));
  return {
    nodeName,
    resolution,
    store,
    settings,
    updates,
    problems: [...problems, ...decoded, ...resolved.problems, ...resolution.problems],
  };
}

function configFor(nodeName: string): LocalConfig {
  const config = loadConfig({
    fileText: null,
    filePath: '',
    environment: { RAMPART_NODE_NAME: nodeName },
    hostName: nodeName,
  });
  if (config.ok) return config.value;
  const [problem] = config.error;
  throw usageError(`--node ${nodeName}: ${problem?.message ?? 'cannot be a node name'}`);
}
