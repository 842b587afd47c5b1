import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { ctl } from './run.ts';
import { directoryOf, HOSTS } from './resources.ts';

describe('rampartctl render', () => {
  let directory: ReturnType<typeof directoryOf>;
  before(() => {
    directory = directoryOf({ '10-hosts.yaml': HOSTS });
  });
  after(() => {
    directory.remove();
  });
  const render = (...args: readonly string[]): ReturnType<typeof ctl> =>
    ctl(['render', '--resources', directory.path, ...args]);

  it('prints what nft loads', async () => {
    const { exitCode, out, err } = await render(
      '--node',
      'db-1',
      '--interface',
      'eth0=2001:DB8:1::1',
    );
    assert.deepEqual([exitCode, err], [0, '']);
    assert.match(
      out,
      /^add table inet rampart\ndelete table inet rampart\ntable inet rampart \{\n/,
    );
    assert.match(out, /iifname "eth0" goto ingress-local\/db-1-eth0/);
    assert.match(out, /elements = \{ 203\.0\.113\.0\/24 \}/);
  });

  it('prints data', async () => {
    const { out } = await render(
      '--node',
      'db-1',
      '--interface',
      'eth0=198.51.100.1',
      '-o',
      'json',
    );
    const ruleset = JSON.parse(out) as { chains: { name: string }[]; sets: object[] };
    assert.ok(ruleset.chains.some(({ name }) => name === 'ingress/gnp/allow-web'));
    assert.ok(ruleset.sets.length > 0);
  });

  it('warns of an answer about a host that has nothing', async () => {
    const unknown = await render('--node', 'db-2');
    assert.match(unknown.err, /no HostEndpoint is for node db-2, there are some for db-1\./);
    const unmatched = await render('--node', 'db-1');
    assert.match(unmatched.err, /HostEndpoint db-1-eth0 of node db-1 matches no interface/);
  });

  it('refuses what cannot be an interface', async () => {
    const { exitCode, err } = await render('--node', 'db-1', '--interface', 'eth0=10.0.0.1/24');
    assert.equal(exitCode, 64);
    assert.match(err, /"10\.0\.0\.1\/24" is not an address; write it without a prefix length/);
  });
});
