import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { LogLine } from '../support/daemon.ts';
import { protection, TableBench } from './table-bench.ts';

const BANNED = 100_000;
const FEW = 500;
const BY_US = 8055;
const BY_IPTABLES = 9200;
const FOREIGN = 'somebody else changed our table: writing it again';

// As firewalld lays its table out, shortened.
const FIREWALLD = `
table inet firewalld {
  chain filter_INPUT {
    type filter hook input priority filter + 10; policy accept;
    ct state { established, related } accept
    iifname "lo" accept
    jump filter_IN_public
    ct state invalid drop
    tcp dport 1 reject with icmpx admin-prohibited
  }
  chain filter_IN_public {
    tcp dport 22 ct state new accept
  }
  chain nat_POSTROUTING {
    type nat hook postrouting priority srcnat + 10; policy accept;
    oifname "docker0" masquerade
  }
}`;

// What ufw and Docker load, shortened.
const IPTABLES = `*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
:ufw-before-input - [0:0]
:ufw-user-input - [0:0]
-A INPUT -j ufw-before-input
-A INPUT -p tcp --dport ${BY_IPTABLES} -j DROP
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT
-A DOCKER-USER -j RETURN
-A ufw-before-input -m conntrack --ctstate INVALID -m limit --limit 3/min --limit-burst 10 -j LOG --log-prefix "[UFW BLOCK] "
-A ufw-before-input -j ufw-user-input
-A ufw-user-input -p tcp --dport 9100 -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
COMMIT
`;

function fail2ban(table: string, count: number): string {
  const nets = Array.from(
    { length: count },
    (_, i) => `${20 + (i >> 14)}.${(i >> 6) & 255}.${(i & 63) * 4}.0/24`,
  );
  return `table inet ${table} {
  set addr-set-sshd { type ipv4_addr; flags interval; elements = { ${nets.join(', ')} } }
  chain f2b-chain {
    type filter hook input priority filter - 1; policy accept;
    tcp dport 22 ip saddr @addr-set-sshd reject
  }
}`;
}

describe('firewalls of others on the same host', () => {
  let bench: TableBench;

  before(async () => {
    bench = await TableBench.start(protection(undefined, [BY_US, BY_IPTABLES]));
    await bench.nft(FIREWALLD);
    await bench.run(['iptables-nft-restore'], IPTABLES);
    await bench.run(['ip6tables-nft', '-A', 'INPUT', '-p', 'tcp', '--dport', '1', '-j', 'DROP']);
    await bench.nft(fail2ban('f2b-table', FEW));
  });
  after(async () => {
    await bench.stop();
  });

  /** Everything on the host but our table, as a number. */
  async function others(): Promise<string> {
    const tables = (await bench.run(['nft', 'list', 'tables'])).trim().split('\n');
    const hash = createHash('sha256');
    for (const table of tables.filter((one) => one !== 'table inet rampart').sort())
      hash.update(await bench.run(['nft', '-s', 'list', ...table.split(' ')]));
    return `${tables.length - 1} tables, ${hash.digest('hex')}`;
  }

  function appliedSince(position: number): LogLine {
    const line = bench.daemon.log.slice(position).find(({ msg }) => msg === 'applied');
    return line ?? assert.fail('nothing was applied');
  }

  it('are not touched: by updates, repairs, a kill and a start', async () => {
    const before = await others();
    assert.match(before, /^5 tables/);
    let { position } = bench.daemon;
    bench.store(protection(['192.0.2.0/25'], [BY_US, BY_IPTABLES]));
    await bench.daemon.applied(position);
    await bench.repaired(() => bench.nft('delete table inet rampart'));
    await bench.daemon.kill();
    await bench.daemon.start();
    position = bench.daemon.position;
    bench.store(protection(undefined, [BY_US, BY_IPTABLES]));
    await bench.daemon.applied(position);
    assert.equal(await others(), before);
  });

  it('keep their effect, and cannot open what we close', async () => {
    const seen = await bench.during(() => bench.run(['iptables-nft', '-S']));
    assert.equal(seen.permitted.answered, seen.permitted.sent);
    assert.equal(seen.forbidden.answered, 0, 'a port that only ufw accepts');
    const dropped = await bench.connect(BY_IPTABLES);
    assert.equal(dropped, 'timeout', 'a port that we allow and iptables drops');
    await bench.run(['iptables-nft', '-D', 'INPUT', '-p', 'tcp', '--dport', '9200', '-j', 'DROP']);
    assert.equal(await bench.connect(BY_IPTABLES), 'ok');
  });

  it('change what is theirs without alarming us', async () => {
    const { position } = bench.daemon;
    for (let i = 0; i < 20; i++) {
      await bench.run(['iptables-nft', '-A', 'DOCKER-USER', '-s', `10.9.${i}.0/24`, '-j', 'DROP']);
      await bench.nft(`add element inet f2b-table addr-set-sshd { 200.0.${i}.0/24 }`);
    }
    bench.store(protection(['192.0.2.0/26'], [BY_US, BY_IPTABLES]));
    await bench.daemon.applied(position);
    const heard = bench.daemon.log.slice(position).filter(({ msg }) => msg === FOREIGN);
    assert.deepEqual(heard, []);
  });

  it(`do not slow us: changes beside a set of ${BANNED} prefixes take milliseconds`, async () => {
    await bench.nft(fail2ban('crowdsec', BANNED));
    const changes = [
      ['an address more', protection(['192.0.2.0/26', '192.0.2.77/32'], [BY_US, BY_IPTABLES])],
      ['an address less', protection(['192.0.2.0/26'], [BY_US, BY_IPTABLES])],
      ['a rule', protection(['192.0.2.0/26'], [BY_US, BY_IPTABLES, 7777])],
    ] as const;
    for (const [what, objects] of changes) {
      const { position } = bench.daemon;
      bench.store(objects);
      await bench.daemon.applied(position);
      const durationMs = Number(appliedSince(position)['durationMs']);
      process.stdout.write(`      ${what}: ${durationMs.toFixed(1)} ms\n`);
      assert.ok(durationMs < 150, `${what}: ${durationMs} ms`);
    }
    const { tookMs } = await bench.repaired(() => bench.nft('flush table inet rampart'));
    process.stdout.write(`      a repair: ${tookMs.toFixed(1)} ms\n`);
    assert.ok(tookMs < 1000);
  });
});
