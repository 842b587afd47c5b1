import { stored } from '../support/calico.ts';
import type { CalicoObject } from '../support/calico.ts';
import type { EtcdOperation } from '../support/etcd.ts';

const GROUPS = 50;
const NETS_AN_OBJECT = 50_000;

/** How much there is. */
export interface LoadSize {
  readonly workloads: number;
  /** Prefixes in network sets that share a label, at most 50,000 an object. */
  readonly nets: number;
  readonly policies: number;
}

/** A datastore that changes: pods that come, go, move and are labelled anew, and network sets that are edited. */
export class LoadWorld {
  readonly #size: LoadSize;
  // mulberry32: the same changes in every run.
  #seed = 20_260;
  #edits = 0;
  readonly #absent = new Set<number>();

  constructor(size: LoadSize) {
    this.#size = size;
  }

  /** Everything, as it is at first. */
  objects(): readonly CalicoObject[] {
    const { workloads, nets, policies } = this.#size;
    return [
      {
        kind: 'HostEndpoint',
        metadata: { name: 'edge', labels: { role: 'edge' } },
        spec: { node: 'hosta', interfaceName: 'eth0' },
      },
      ...Array.from({ length: Math.ceil(nets / NETS_AN_OBJECT) }, (_, i) => this.#netSet(i)),
      ...Array.from({ length: policies }, (_, i) => policy(i)),
      ...Array.from({ length: workloads }, (_, i) => workload(i, i % GROUPS, addressOf(i, 0))),
    ];
  }

  /** One change of one pod. */
  change(): EtcdOperation {
    const index = this.#below(this.#size.workloads);
    const group = this.#below(GROUPS);
    const isGone = !this.#absent.has(index) && this.#below(10) === 0;
    if (isGone) this.#absent.add(index);
    else this.#absent.delete(index);
    const pod = workload(index, group, addressOf(index, this.#below(200)));
    const [key, value] = stored(pod);
    return { key, value: isGone ? null : value };
  }

  /** A network set with one prefix more or less. */
  editNets(): CalicoObject {
    this.#edits += 1;
    return this.#netSet(0);
  }

  #netSet(index: number): CalicoObject {
    const first = index * NETS_AN_OBJECT;
    const length = Math.min(NETS_AN_OBJECT, this.#size.nets - first) - (this.#edits % 2);
    const nets = Array.from({ length }, (_, i) => {
      const net = first + i;
      return `${20 + (net >> 14)}.${(net >> 6) & 255}.${(net & 63) * 4}.0/24`;
    });
    return {
      kind: 'GlobalNetworkSet',
      metadata: { name: `nets-${index}`, labels: { list: 'nets' } },
      spec: { nets },
    };
  }

  #below(limit: number): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }
}

function policy(index: number): CalicoObject {
  const source = index === 0 ? "list == 'nets'" : `group == 'g${index % GROUPS}'`;
  const port = 1024 + index;
  return {
    kind: 'GlobalNetworkPolicy',
    metadata: { name: `p${index}` },
    spec: {
      order: index,
      selector: "role == 'edge'",
      types: ['Ingress'],
      ingress: [
        {
          action: 'Allow',
          protocol: 'TCP',
          source: { selector: source },
          destination: { ports: [port] },
        },
      ],
    },
  };
}

function workload(index: number, group: number, address: string): CalicoObject {
  const node = `node${index % 500}`;
  return {
    kind: 'WorkloadEndpoint',
    metadata: {
      name: `${node}-k8s-pod${index}-eth0`,
      namespace: 'default',
      labels: { group: `g${group}`, 'projectcalico.org/orchestrator': 'k8s' },
    },
    spec: {
      orchestrator: 'k8s',
      node,
      pod: `pod${index}`,
      endpoint: 'eth0',
      interfaceName: `cali${index}`,
      ipNetworks: [`${address}/32`],
      profiles: ['kns.default'],
    },
  };
}

// No two pods ever have the same one.
function addressOf(index: number, move: number): string {
  const number = index * 128 + (move % 128);
  return `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
}
