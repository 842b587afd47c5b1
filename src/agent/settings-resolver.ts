import type { Problem } from '../base/problem.ts';
import { matchesInterface } from '../config/interface-pattern.ts';
import { resolveSettings } from '../config/felix-settings.ts';
import type { DataplaneSettings } from '../config/felix-settings.ts';
import type { LocalConfig } from '../config/local-config.ts';
import type { FelixLayers } from '../policy/felix-layers.ts';
import type { LoopSettings } from './loop-ports.ts';

/** Resolves settings over all layers, and hands out the same object for as long as they are equal. */
export class SettingsResolver {
  #local: LocalConfig;
  #present: { readonly text: string; readonly settings: LoopSettings } | null = null;
  #dataplane: DataplaneSettings | null = null;
  readonly #onChange: (settings: DataplaneSettings) => void;
  readonly #isLogHeard: (group: number) => boolean;

  /**
   * `onChange` hears of the settings when they are resolved first and whenever they differ. Without `isLogHeard` denied
   * packets are not logged: others may hold the group, and a kernel that cannot log would refuse the whole ruleset.
   */
  constructor(
    local: LocalConfig,
    onChange: (settings: DataplaneSettings) => void,
    isLogHeard: (group: number) => boolean = () => false,
  ) {
    this.#local = local;
    this.#onChange = onChange;
    this.#isLogHeard = isLogHeard;
  }

  /** The settings resolved last; null before the first time. */
  get dataplane(): DataplaneSettings | null {
    return this.#dataplane;
  }

  /** This host's own file or environment changed. */
  useLocal(local: LocalConfig): void {
    this.#local = local;
  }

  /** What the present layers say. */
  resolve(layers: FelixLayers): {
    readonly settings: LoopSettings;
    readonly problems: readonly Problem[];
  } {
    const local = this.#local;
    const { settings: wanted, problems } = resolveSettings({
      environmentFelix: local.felixParameters,
      local,
      ...layers,
    });
    const { deniedLog } = wanted;
    const isHeard = deniedLog !== null && this.#isLogHeard(deniedLog.group);
    const settings = { ...wanted, deniedLog: isHeard ? deniedLog : null };
    const text = JSON.stringify(settings);
    if (this.#present?.text !== text) {
      const isExcluded = (name: string): boolean =>
        matchesInterface(settings.interfaceExclude, name);
      this.#present = { text, settings: { compile: settings, isExcluded } };
      this.#dataplane = settings;
      this.#onChange(settings);
    }
    return { settings: this.#present.settings, problems };
  }
}
