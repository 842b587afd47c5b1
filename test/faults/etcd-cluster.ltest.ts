import assert from 'node:assert/strict';
import type { Etcd } from '../support/etcd.ts';
import { EtcdBench, MEMBER_ADDRESSES } from './etcd-bench.ts';

const ELECTION_MS = 30_000;
/** Members that share a busy processor with all the others are not to lose each other. */
const UNHURRIED = ['--heartbeat-interval=200', '--election-timeout=2000'];

interface Status {
  readonly leader: string;
  readonly header: { readonly member_id: string };
}

async function statusOf(member: Etcd): Promise<Status> {
  return (await member.call('maintenance/status', {})) as unknown as Status;
}

describe('a cluster of three', () => {
  let bench: EtcdBench;

  beforeEach(async () => {
    bench = await EtcdBench.start({ members: 3, etcd: { flags: UNHURRIED } });
  });
  afterEach(async () => {
    await bench.stop();
  });

  const others = (member: Etcd): readonly Etcd[] =>
    bench.members.filter((other) => other !== member);

  /** Waits until a member knows a leader. */
  async function answering(member: Etcd): Promise<void> {
    const until = Date.now() + ELECTION_MS;
    for (;;) {
      const failure = await member.revision().then(
        () => null,
        (error: unknown) => error,
      );
      if (failure === null) return;
      if (Date.now() > until) throw new Error('there is no leader', { cause: failure });
    }
  }

  /** Waits until another member than `before` is the leader; resolves to its id. */
  async function anotherLeader(member: Etcd, before: string): Promise<string> {
    for (;;) {
      const { leader } = await statusOf(member);
      if (leader !== before && leader !== '0') return leader;
    }
  }

  it('each member of three lost in turn', async () => {
    await bench.unharmed(async () => {
      for (const member of bench.members) {
        const [other] = others(member);
        assert.ok(other !== undefined);
        await member.kill();
        await answering(other);
        bench.useMember(other);
        await bench.isAsFresh();
        await member.restart();
      }
    });
  });

  it('the leader changed', async () => {
    await bench.unharmed(async () => {
      const statuses = await Promise.all(bench.members.map(statusOf));
      const leads = statuses.findIndex(({ leader, header }) => leader === header.member_id);
      const leader = bench.members[leads];
      const next = statuses[(leads + 1) % statuses.length]?.header.member_id;
      assert.ok(leader !== undefined && next !== undefined);
      await leader.call('maintenance/transfer-leadership', { targetID: next });
      assert.equal(await anotherLeader(leader, statuses[leads]?.leader ?? ''), next);
      await bench.isAsFresh();
    });
  });

  it('one member partitioned, packets dropped', async () => {
    for (const [index, member] of bench.members.entries()) {
      await bench.unharmed(async () => {
        const [other] = others(member);
        assert.ok(other !== undefined);
        await answering(other);
        bench.useMember(other);
        await bench.partition('drop', MEMBER_ADDRESSES.slice(index, index + 1));
        await bench.isAsFresh();
        await bench.rejoin();
      });
    }
  });

  it('the quorum lost and regained', async () => {
    await bench.unharmed(async () => {
      const [first, second, third] = bench.members;
      assert.ok(first !== undefined && second !== undefined && third !== undefined);
      const { position } = bench.daemon;
      await Promise.all([second.kill(), third.kill()]);
      await bench.lost(position);
      await Promise.all([second.restart(), third.restart()]);
      await answering(third);
      bench.useMember(third);
      await bench.found(position);
      await bench.isAsFresh();
    });
  });
});
