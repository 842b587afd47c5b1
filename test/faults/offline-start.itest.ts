import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogLine } from '../support/daemon.ts';
import { EtcdBench } from './etcd-bench.ts';

const ENFORCED = 'the datastore is out of reach: what was saved of it is enforced';

/** The file as a newer version would write it: whole, with a checksum that is right, in a format of its own. */
function ofNewerVersion(text: string): string {
  const lines = text.replace('"version":1', '"version":2').trimEnd().split('\n');
  const { records } = JSON.parse(lines.pop() ?? '') as { records: number };
  const body = `${lines.join('\n')}\n`;
  const sha256 = createHash('sha256').update(body).digest('hex');
  return `${body}${JSON.stringify({ records, sha256 })}\n`;
}

describe('a start without the datastore', () => {
  let bench: EtcdBench;

  beforeEach(async () => {
    bench = await EtcdBench.start();
  });
  afterEach(async () => {
    await bench.stop();
  });

  const file = (): string => join(bench.daemon.stateDir, 'snapshot');

  /** The daemon stops, the rules are gone as after a power loss, etcd is away, the daemon starts. */
  async function startWithoutEtcd(damage?: (text: string) => string): Promise<number> {
    await bench.daemon.terminate();
    if (damage !== undefined) writeFileSync(file(), damage(readFileSync(file(), 'utf8')));
    await bench.etcd.kill();
    const { namespace } = bench.lab.hosts.A;
    await namespace.run(['nft', 'delete', 'table', 'inet', 'rampart']);
    const { position } = bench.daemon;
    bench.daemon.launch();
    return position;
  }

  function says(text: string): (lines: readonly LogLine[]) => boolean {
    return (lines) => lines.some(({ msg, alarm }) => msg === text || alarm === text);
  }

  it('etcd away at the start: what was saved is enforced, and the difference when etcd is back', async () => {
    const before = await bench.table();
    const position = await startWithoutEtcd();
    await bench.daemon.waitFor('the saved view', says(ENFORCED), 15_000, position);
    await bench.daemon.applied(position);
    assert.equal(await bench.table(), before);
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    await bench.daemon.waitFor('the alarm', says('snapshot-in-force'), 15_000, position);
    assert.match(await bench.readiness(503), /no complete view of the datastore is in force/);
    await bench.unharmed(async () => {
      await bench.etcd.restart();
      await bench.found(position);
      await bench.isAsFresh();
    });
  });

  it('the saved objects are damaged: refused by name, and replaced when etcd is back', async () => {
    const position = await startWithoutEtcd((text) => text.replace('8055', '9100'));
    await bench.daemon.waitFor('the alarm', says('snapshot-refused'), 15_000, position);
    assert.equal(await bench.table(), '');
    await bench.etcd.restart();
    await bench.found(position);
    await bench.isAsFresh();
    await bench.daemon.terminate();
    assert.match(readFileSync(file(), 'utf8'), /"sha256":"[0-9a-f]{64}"\}\n$/);
  });

  it('a downgrade: objects that a newer version saved are refused, the rules stay, the file is written anew', async () => {
    const before = await bench.table();
    await bench.daemon.terminate();
    writeFileSync(file(), ofNewerVersion(readFileSync(file(), 'utf8')));
    await bench.etcd.kill();
    const { position } = bench.daemon;
    await bench.unharmed(async () => {
      bench.daemon.launch();
      await bench.daemon.waitFor('the alarm', says('snapshot-refused'), 15_000, position);
      const why = (line: LogLine): boolean => JSON.stringify(line).includes('version is 2, not 1');
      await bench.daemon.waitFor('the reason', (lines) => lines.some(why), 1_000, position);
      assert.equal(await bench.table(), before);
      await bench.etcd.restart();
      await bench.found(position);
      await bench.isAsFresh();
    });
    await bench.daemon.terminate();
    assert.match(readFileSync(file(), 'utf8'), /^\{"format":"rampart-snapshot","version":1,/);
  });
});
