import { resourceAs } from '../resource/resource.ts';
import type {
  ClusterInformation,
  FelixConfiguration,
  Node,
  Resource,
  ResourceId,
} from '../resource/resource.ts';
import type { CountedObjects } from './counted-objects.ts';
import { felixLayers } from './felix-layers.ts';
import type { FelixLayers } from './felix-layers.ts';

/** Names one of the objects kept here. */
export type ConfigurationId = ResourceId & {
  readonly kind: 'Node' | 'FelixConfiguration' | 'ClusterInformation';
};

/** What the datastore says about the cluster and the settings of this host, rather than about traffic. */
export class ConfigurationObjects {
  readonly #nodeName: string;
  readonly #counted: CountedObjects;
  readonly #felixConfigurations = new Map<string, FelixConfiguration>();
  #node: Node | null = null;
  #clusterInformation: ClusterInformation | null = null;

  constructor(nodeName: string, counted: CountedObjects) {
    this.#nodeName = nodeName;
    this.#counted = counted;
  }

  /** The one that is named `default`. */
  get clusterInformation(): ClusterInformation | null {
    return this.#clusterInformation;
  }

  /** The FelixConfiguration objects that apply to this host. */
  get felixLayers(): FelixLayers {
    return felixLayers(this.#felixConfigurations, this.#nodeName, this.#node);
  }

  /** Takes one object's present state. */
  apply(id: ConfigurationId, resource: Resource | null): void {
    switch (id.kind) {
      case 'Node':
        if (id.name === this.#nodeName) this.#node = resourceAs(resource, 'Node');
        break;
      case 'FelixConfiguration':
        this.#counted.put(
          this.#felixConfigurations,
          id,
          resourceAs(resource, 'FelixConfiguration'),
        );
        break;
      case 'ClusterInformation':
        if (id.name === 'default')
          this.#clusterInformation = resourceAs(resource, 'ClusterInformation');
        break;
    }
  }
}
