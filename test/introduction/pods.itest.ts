import type { Bench } from '../packets/bench.ts';
import { type Check, drop, from, pass, tcp } from '../packets/check.ts';
import type { CalicoObject } from '../support/calico.ts';
import { describeCases, given } from '../packets/cases.ts';
import { edited, labelled, manifests, without } from './manifests.ts';

const PODS = { shopFront: 21, shopJobs: 22, labFront: 23 } as const;
type Pod = keyof typeof PODS;

/** A connection from a pod's addresses to the host, in both families. */
function fromPod(pod: Pod, port: number, verdict: typeof pass): readonly Check[] {
  const check = verdict('C', 'A', tcp(port));
  return [from(`10.0.1.${PODS[pod]}`, check), from(`fd00:1::${PODS[pod]}`, check)];
}

/** Exactly these pods reach the port. */
function reach(port: number, ...pods: readonly Pod[]): readonly Check[] {
  return (Object.keys(PODS) as Pod[]).flatMap((pod) =>
    fromPod(pod, port, pods.includes(pod) ? pass : drop),
  );
}

const cluster = manifests('pods/host', 'pods/pods', 'pods/profiles');
const byLabel = [...cluster, ...manifests('pods/from-other-namespace')];
const byAccount = [...cluster, ...manifests('pods/from-service-account')];

/** The profile `name` gives these labels besides those it gives already. */
function giving(
  objects: readonly CalicoObject[],
  name: string,
  labels: Readonly<Record<string, string>>,
): readonly CalicoObject[] {
  return edited(objects, name, (object) => {
    const before = object.spec['labelsToApply'] as Readonly<Record<string, string>>;
    return { ...object, spec: { ...object.spec, labelsToApply: { ...before, ...labels } } };
  });
}

/** Each state in turn, without forgetting where the last one left off. */
async function inTurn(
  bench: Bench,
  ...states: readonly (readonly [readonly CalicoObject[], readonly Check[]])[]
): Promise<void> {
  for (const [objects, checks] of states) await given(bench, objects, ...checks);
}

describeCases('hosts and pods of a cluster', (bench) => {
  it('a policy names pods of other namespaces by their labels and those of the namespace', async () => {
    await given(bench(), byLabel, ...reach(8055, 'shopFront'), drop('C', 'A', tcp(8055)));
  });

  it('follows the labels of a pod as they come and go', async () => {
    const set = (app: string | undefined): readonly CalicoObject[] =>
      edited(byLabel, 'node1-k8s-jobs-eth0', (pod) => labelled(pod, { app }));
    await inTurn(
      bench(),
      [byLabel, reach(8055, 'shopFront')],
      [set('front'), reach(8055, 'shopFront', 'shopJobs')],
      [set(undefined), reach(8055, 'shopFront')],
      [without(byLabel, 'node1-k8s-front-eth0'), reach(8055)],
    );
  });

  it('follows the labels of a namespace', async () => {
    await inTurn(
      bench(),
      [
        giving(byLabel, 'kns.lab', { 'pcns.environment': 'production' }),
        reach(8055, 'shopFront', 'labFront'),
      ],
      [giving(byLabel, 'kns.shop', { 'pcns.environment': 'test' }), reach(8055)],
      [without(byLabel, 'kns.shop'), reach(8055)],
      [byLabel, reach(8055, 'shopFront')],
    );
  });

  it('names pods by the labels and the names of their service accounts', async () => {
    await given(bench(), byAccount, ...reach(8055, 'shopFront'), ...reach(9000, 'labFront'));
  });

  it('follows the labels of a service account, and the account of a pod', async () => {
    const asBatch = edited(byAccount, 'node2-k8s-front-eth0', (pod) => ({
      ...pod,
      spec: { ...pod.spec, serviceAccountName: 'batch' },
    }));
    await inTurn(
      bench(),
      [
        giving(byAccount, 'ksa.shop.batch', { 'pcsa.clearance': 'high' }),
        reach(8055, 'shopFront', 'shopJobs'),
      ],
      [asBatch, [...reach(8055, 'shopFront'), ...reach(9000)]],
      [byAccount, [...reach(8055, 'shopFront'), ...reach(9000, 'labFront')]],
    );
  });

  it('knows the network sets of a namespace, those of none, and all of them', async () => {
    const byNetwork = [
      ...manifests('pods/host', 'pods/profiles'),
      ...manifests('pods/network-sets', 'pods/from-network-sets'),
    ];
    const ports = (production: readonly Pod[]): readonly Check[] => [
      ...reach(8055, ...production),
      ...reach(9000, 'labFront'),
      ...reach(9001, 'shopFront', 'shopJobs', 'labFront'),
    ];
    await inTurn(
      bench(),
      [byNetwork, ports(['shopFront'])],
      [
        giving(byNetwork, 'kns.lab', { 'pcns.environment': 'production' }),
        ports(['shopFront', 'shopJobs']),
      ],
    );
  });

  it('follows the labels of the host', async () => {
    const set = (role: string | undefined): readonly CalicoObject[] =>
      edited(byLabel, 'a-eth0', (host) => labelled(host, { role }));
    await inTurn(
      bench(),
      [set('cache'), reach(8055)],
      [set(undefined), reach(8055)],
      [set('db'), reach(8055, 'shopFront')],
    );
  });

  it('follows the labels that a profile gives to the host', async () => {
    const roles: CalicoObject = {
      kind: 'Profile',
      metadata: { name: 'roles' },
      spec: { labelsToApply: { role: 'db' } },
    };
    const host = edited(byLabel, 'a-eth0', (object) => ({
      ...labelled(object, { role: undefined }),
      spec: { ...object.spec, profiles: ['roles'] },
    }));
    await inTurn(
      bench(),
      [host, reach(8055)],
      [[...host, roles], reach(8055, 'shopFront')],
      [giving([...host, roles], 'roles', { role: 'cache' }), reach(8055)],
    );
  });
});
