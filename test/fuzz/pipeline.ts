import assert from 'node:assert/strict';
import { SettingsResolver } from '../../src/agent/settings-resolver.ts';
import { compileRuleset } from '../../src/compile/compile.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { optimiseRuleset } from '../../src/optimise/optimise.ts';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import { decodeUpdate } from '../../src/resource/decode.ts';
import type { Ruleset } from '../../src/ruleset/ruleset.ts';
import { rawUpdate } from './hostile-world.ts';
import type { StoredObject } from './hostile-world.ts';

const config = loadConfig({ fileText: null, filePath: '', environment: {}, hostName: 'hosta' });
assert.ok(config.ok);
const local = config.value;

/** What the daemon makes of stored objects, from bytes to the wanted table. */
export function rulesetOf(objects: readonly StoredObject[]): Ruleset {
  const store = new PolicyStore('hosta');
  const { settings } = new SettingsResolver(local, () => undefined).resolve(
    layersOf(store, objects),
  );
  const interfaces = [{ name: 'eth0', running: true, addresses: ['10.0.1.1'] }];
  store.setInterfaces(interfaces, (name) => settings.isExcluded(name));
  return optimiseRuleset(compileRuleset(store.resolve().policy, settings.compile));
}

function layersOf(
  store: PolicyStore,
  objects: readonly StoredObject[],
): PolicyStore['felixLayers'] {
  for (const object of objects) {
    const update = decodeUpdate(rawUpdate(object));
    if (update !== null) store.apply(update);
  }
  return store.felixLayers;
}
