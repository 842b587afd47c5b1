import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { SettingsResolver } from '../../src/agent/settings-resolver.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { LocalConfig } from '../../src/config/local-config.ts';

function localConfig(environment: Readonly<Record<string, string>> = {}): LocalConfig {
  const config = loadConfig({ fileText: null, filePath: 'none', environment, hostName: 'hosta' });
  assert.ok(config.ok);
  return config.value;
}

const layer = (parameters: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(parameters));
const NONE = { perHost: null, bySelector: null, global: null };

describe('SettingsResolver', () => {
  it('answers the same object for as long as the settings are equal, and tells of changes only', () => {
    const told: string[] = [];
    const resolver = new SettingsResolver(localConfig(), ({ logPrefix }) => told.push(logPrefix));
    const first = resolver.resolve(NONE).settings;
    assert.equal(
      resolver.resolve({ ...NONE, global: layer({ logprefix: 'calico-packet' }) }).settings,
      first,
    );
    const second = resolver.resolve({ ...NONE, global: layer({ logprefix: 'other' }) }).settings;
    assert.notEqual(second, first);
    assert.equal(second.compile.logPrefix, 'other');
    assert.deepEqual(told, ['calico-packet', 'other']);
  });

  it('puts the host’s object over the global one, and the environment over both', () => {
    const layers = {
      ...NONE,
      perHost: layer({ logprefix: 'host' }),
      global: layer({ logprefix: 'all' }),
    };
    const resolved = (environment: Readonly<Record<string, string>>): string =>
      new SettingsResolver(localConfig(environment), () => undefined).resolve(layers).settings
        .compile.logPrefix;
    assert.equal(resolved({}), 'host');
    assert.equal(resolved({ FELIX_LOGPREFIX: 'environment' }), 'environment');
  });

  it('knows which interfaces are out of bounds', () => {
    const { settings } = new SettingsResolver(localConfig(), () => undefined).resolve({
      ...NONE,
      global: layer({ interfaceexclude: 'eth1,/^veth/' }),
    });
    assert.deepEqual(
      ['eth0', 'eth1', 'veth7'].map((name) => settings.isExcluded(name)),
      [false, true, true],
    );
  });
});
