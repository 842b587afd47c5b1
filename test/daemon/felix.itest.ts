import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { daemonCommand } from '../support/daemon.ts';
import { type Namespace, NamespaceGroup } from '../support/netns.ts';

describe('Felix on the same host', () => {
  const group = new NamespaceGroup();
  const home = mkdtempSync(join(tmpdir(), 'rampart-felix-'));
  let netns: Namespace;

  before(async () => {
    netns = await group.add('felix');
    await netns.run(['ip', 'link', 'set', 'lo', 'up']);
  });
  after(async () => {
    await group.dispose();
    rmSync(home, { recursive: true });
  });

  it('is refused by name, and nothing is written, until it is gone', async () => {
    const runOnce = async (): Promise<{ status: number | null; said: string }> => {
      const child = netns.spawn([...(daemonCommand() ?? []), '--once'], {
        env: {
          RAMPART_STATE_DIR: join(home, 'state'),
          RAMPART_RUN_DIR: join(home, 'run'),
          RAMPART_DATASTORE_DIRECTORY: home,
          RAMPART_NODE_NAME: 'felix',
        },
      });
      let said = '';
      child.stderr?.on('data', (data: Buffer) => (said += data.toString()));
      const [status] = (await once(child, 'close')) as [number | null];
      return { status, said };
    };
    await netns.run(['nft', 'add table ip calico; add chain ip calico filter-cali-INPUT']);
    const refused = await runOnce();
    assert.equal(refused.status, 1, refused.said);
    assert.match(refused.said, /Felix.*\(table ip calico\).*stop calico-node/i);
    assert.doesNotMatch(await netns.run(['nft', 'list', 'tables']), /rampart/);
    await netns.run(['nft', 'delete', 'table', 'ip', 'calico']);
    const accepted = await runOnce();
    assert.equal(accepted.status, 0, accepted.said);
    assert.match(await netns.run(['nft', 'list', 'tables']), /inet rampart/);
  });
});
