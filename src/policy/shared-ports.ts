import type { EndpointPort } from '../resource/resource.ts';

const NO_PORTS: readonly EndpointPort[] = [];
// Far more than a cluster has templates of pods.
const MOST_LISTS = 10_000;

/** Port lists by content: pods of one template have equal ones, and there are hundreds of thousands of pods. */
export class SharedPorts {
  readonly #lists = new Map<string, readonly EndpointPort[]>();
  /** What is known of a list because it was given, or answered, before. */
  readonly #same = new WeakMap<readonly EndpointPort[], readonly EndpointPort[]>();

  /** A list of equal content, the same for all of them. */
  same(ports: readonly EndpointPort[]): readonly EndpointPort[] {
    if (ports.length === 0) return NO_PORTS;
    const answered = this.#same.get(ports);
    if (answered !== undefined) return answered;
    const same = this.#withContent(ports);
    this.#same.set(ports, same);
    return same;
  }

  #withContent(ports: readonly EndpointPort[]): readonly EndpointPort[] {
    const content = JSON.stringify(ports);
    const known = this.#lists.get(content);
    if (known !== undefined) return known;
    if (this.#lists.size >= MOST_LISTS) this.#lists.clear();
    this.#lists.set(content, ports);
    return ports;
  }
}
