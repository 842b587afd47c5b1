import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ctl } from '../daemon/ctl/run.ts';
import { describeInNamespace } from '../netlink/describe-in-namespace.ts';
import { DaemonHere } from './daemon-here.ts';
import { MANIFESTS } from './manifests.ts';

/** Refused by MANIFESTS, as nothing else is. */
const REFUSED = 9;
const PERMITTED = 10;

interface Answer {
  readonly observing: boolean;
  readonly changed: readonly { readonly before: string; readonly after: string }[];
  readonly rulesGone: readonly { readonly rule: string; readonly packets: number }[];
}

describeInNamespace('rampartctl simulate on a host that observes', () => {
  let place: DaemonHere;
  let other: string;
  const outside = process.env['RAMPART_RUN_DIR'];

  before(async function () {
    this.timeout(60_000);
    place = new DaemonHere({ RAMPART_ENFORCEMENT: 'observe' });
    other = join(place.home, 'other');
    mkdirSync(other);
    await place.daemon.start();
    // Flows of other tests of this namespace would be judged, too.
    spawnSync('conntrack', ['-D', '-p', 'udp']);
    process.env['RAMPART_RUN_DIR'] = place.runDir;
    for (const port of [REFUSED, PERMITTED])
      spawnSync('bash', ['-c', `echo x > /dev/udp/127.0.0.1/${port}`]);
  });
  after(async () => {
    if (outside === undefined) delete process.env['RAMPART_RUN_DIR'];
    else process.env['RAMPART_RUN_DIR'] = outside;
    await place.dispose();
    // Other tests of this namespace count its flows.
    spawnSync('conntrack', ['-F']);
  });

  /** What it says of these objects, and of the same as JSON. */
  async function simulate(manifests: string): Promise<{ readonly out: string } & Answer> {
    writeFileSync(join(other, 'all.yaml'), manifests);
    const words = ['simulate', '--resources', other];
    const { exitCode, out, err } = await ctl(words, 200);
    assert.deepEqual([exitCode, err], [0, '']);
    const answer = JSON.parse((await ctl([...words, '-o', 'json'])).out) as Answer;
    return { out, ...answer };
  }

  it('finds no difference in the objects that are in force', async () => {
    const { out, observing, changed, rulesGone } = await simulate(MANIFESTS);
    assert.deepEqual([observing, changed, rulesGone], [true, [], []]);
    assert.match(
      out,
      /^this host observes: verdicts are those that enforcing gives\n0 of \d+ live/,
    );
  });

  it('says what enforcing other objects would deny and allow, which observing does not', async () => {
    const { changed, rulesGone } = await simulate(
      MANIFESTS.replace(`ports: [${REFUSED}]`, `ports: [${PERMITTED}]`),
    );
    const turns = changed.map(({ before, after }) => `${before} → ${after}`).sort();
    assert.deepEqual(turns, ['allow → deny', 'deny → allow']);
    const denial = rulesGone.find(({ rule }) => rule.includes('guard ingress: Deny'));
    assert.equal(denial?.packets, 1);
  });

  it('counts a tier that observes as one', async () => {
    const tier = `---
apiVersion: projectcalico.org/v3
kind: Tier
metadata: {name: default, annotations: {rampart/enforcement: observe}}
spec: {order: 1000000}
---
apiVersion: projectcalico.org/v3
kind: Profile
metadata: {name: open}
spec: {ingress: [{action: Allow}]}
`;
    const opened = MANIFESTS.replace('profiles: [none]', 'profiles: [open]');
    const { changed } = await simulate(`${opened}${tier}`);
    assert.deepEqual(changed, [{ ...changed[0], before: 'deny', after: 'allow' }]);
  });
});
