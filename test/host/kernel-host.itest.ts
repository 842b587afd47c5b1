import assert from 'node:assert/strict';
import { silentLogger } from '../../src/base/logger.ts';
import type { LogFields } from '../../src/base/logger.ts';
import type { Host } from '../../src/host/host.ts';
import { createProcessHost } from '../../src/host/process-host.ts';
import { createRtnetlinkHost } from '../../src/host/rtnetlink-host.ts';
import { describeInNamespace } from '../netlink/describe-in-namespace.ts';
import { Deliveries } from './deliveries.ts';
import { itKeepsTheHostContract } from './host-contract.ts';
import { ip, ipBatch, kernelRig } from './kernel-rig.ts';
import { systemClock } from './manual-clock.ts';

const BURST = 200;

for (const create of [createRtnetlinkHost, createProcessHost]) {
  describeInNamespace(create.name, () => {
    itKeepsTheHostContract(() =>
      Promise.resolve(kernelRig(create({ clock: systemClock, logger: silentLogger }))),
    );

    describe('on the kernel', () => {
      let host: Host;
      let deliveries: Deliveries;

      beforeEach(async () => {
        host = create({ clock: systemClock, logger: silentLogger });
        deliveries = new Deliveries();
        await ip('link set lo up');
        await ip('link add k0 type veth peer name k1');
        await host.start(deliveries.listener);
      });

      afterEach(async () => {
        await host.close();
        ipBatch(['link del k0', 'link set lo down']);
        deliveries.assertEachDiffers();
      });

      it('shows the loopback with its addresses', () => {
        const lo = deliveries.find('lo');
        assert.equal(lo?.running, true);
        for (const address of ['127.0.0.1', '::1']) assert.ok(lo.addresses.includes(address));
      });

      it('shows the link-local address', async () => {
        ipBatch([
          'link set k0 addrgenmode none',
          'addr add fe80::9/64 dev k0 nodad',
          'link set k0 up',
          'link set k1 up',
        ]);
        await deliveries.until(() => deliveries.find('k0')?.addresses.includes('fe80::9') === true);
        assert.ok(deliveries.find('k0')?.running);
      });

      it('counts local routes as addresses, whatever their prefix length, until the last is gone', async () => {
        ipBatch(['route add local 192.0.2.0/24 dev lo', 'route add local 192.0.2.0/32 dev lo']);
        await deliveries.until(
          () => deliveries.find('lo')?.addresses.includes('192.0.2.0') === true,
        );
        ipBatch([
          'route del local 192.0.2.0/32 dev lo',
          'link set k0 name k9',
          'link set k9 name k0',
        ]);
        await ip('route del local 192.0.2.0/24 dev lo');
        await deliveries.until(
          () => deliveries.find('lo')?.addresses.includes('192.0.2.0') === false,
        );
        assert.ok(deliveries.find('lo')?.addresses.includes('127.0.0.1'));
      });

      it('follows a local route that is replaced by one over another interface', async () => {
        ipBatch(['link set k0 up', 'route add local 192.0.2.7 dev lo']);
        await deliveries.until(
          () => deliveries.find('lo')?.addresses.includes('192.0.2.7') === true,
        );
        await ip('route replace local 192.0.2.7 dev k0');
        await deliveries.until(
          () => deliveries.find('k0')?.addresses.includes('192.0.2.7') === true,
        );
        await deliveries.until(
          () => deliveries.find('lo')?.addresses.includes('192.0.2.7') === false,
        );
        assert.deepEqual(deliveries.find('k0')?.addresses, ['192.0.2.7']);
      });

      it('keeps a port that leaves its bridge', async () => {
        ipBatch([
          'link add kb0 type bridge',
          'link set k0 master kb0',
          'link set k0 nomaster',
          'link del kb0',
        ]);
        await ip('addr add 10.7.0.1/24 dev k0');
        await deliveries.until(
          () => deliveries.find('k0')?.addresses.includes('10.7.0.1') === true,
        );
        assert.ok(deliveries.all.every((inventory) => inventory.some(({ name }) => name === 'k0')));
      });

      it('loses the IPv6 addresses of an interface that is taken down', async () => {
        ipBatch(['link set k0 up', 'link set k1 up', 'addr add fd00::7/64 dev k0 nodad']);
        await deliveries.until(() => deliveries.find('k0')?.addresses.includes('fd00::7') === true);
        await ip('link set k0 down');
        await deliveries.until(() => deliveries.find('k0')?.addresses.length === 0);
        assert.equal(deliveries.find('k0')?.running, false);
      });

      it('does not show an address that was taken away and came back at once as lost', async () => {
        await ip('addr add 10.7.0.1/24 dev k0');
        await deliveries.until(() => deliveries.find('k0')?.addresses.length === 1);
        const before = deliveries.all.length;
        ipBatch([
          'addr del 10.7.0.1/24 dev k0',
          'addr add 10.7.0.1/24 dev k0',
          'addr add 10.7.0.2/24 dev k0',
        ]);
        await deliveries.until(() => deliveries.find('k0')?.addresses.length === 2);
        for (const inventory of deliveries.all.slice(before))
          assert.ok(inventory.find(({ name }) => name === 'k0')?.addresses.includes('10.7.0.1'));
      });

      it(`folds a burst of ${String(BURST)} interfaces into few deliveries`, async () => {
        const names = Array.from({ length: BURST }, (_, i) => `burst${String(i)}`);
        const before = deliveries.all.length;
        try {
          ipBatch(
            names.flatMap((name, i) => [
              `link add ${name} type veth peer name ${name}p`,
              `addr add 10.8.${String(i)}.1/24 dev ${name}`,
            ]),
          );
          await deliveries.until(() =>
            names.every((name) => deliveries.find(name)?.addresses.length === 1),
          );
          // How many depends on how long reading the burst takes: one may come every ten milliseconds.
          const delivered = deliveries.all.length - before;
          assert.ok(delivered <= BURST / 10, `${String(delivered)} deliveries`);
        } finally {
          ipBatch(names.map((name) => `link del ${name}`));
        }
        await deliveries.until(() => names.every((name) => deliveries.find(name) === undefined));
        assert.ok(deliveries.find('k0') !== undefined);
      }).timeout(60_000);
    });
  });
}

describeInNamespace('createRtnetlinkHost', () => {
  it('lists everything again after the kernel dropped events', async () => {
    const messages: string[] = [];
    const logger = {
      ...silentLogger,
      info: (_fields: LogFields, message: string) => messages.push(message),
    };
    const host = createRtnetlinkHost({ clock: systemClock, logger });
    const deliveries = new Deliveries();
    await ip('link add o0 type veth peer name o1');
    try {
      await host.start(deliveries.listener);
      // One process keeps the event loop out while it fills the kernel's queue several times over.
      const flaps = Array.from(
        { length: 12_000 },
        (_, i) => `link set o1 mtu ${String(1000 + (i % 2))}`,
      );
      ipBatch([...flaps, 'addr add 10.6.0.1/24 dev o0']);
      await deliveries.until(() => deliveries.find('o0')?.addresses.includes('10.6.0.1') === true);
      assert.deepEqual(messages, ['The kernel dropped interface events; listing all interfaces']);
    } finally {
      await host.close();
      await ip('link del o0');
    }
  }).timeout(30_000);

  it('lists everything again in regular intervals', async () => {
    const host = createRtnetlinkHost(
      { clock: systemClock, logger: silentLogger },
      { refreshMs: 20 },
    );
    const deliveries = new Deliveries();
    await ip('link add o0 type veth peer name o1');
    try {
      await host.start(deliveries.listener);
      await ip('addr add 10.6.0.1/24 dev o0');
      await deliveries.until(() => deliveries.find('o0')?.addresses.length === 1);
      await ip('addr del 10.6.0.1/24 dev o0');
      await deliveries.until(() => deliveries.find('o0')?.addresses.length === 0);
      deliveries.assertEachDiffers();
      assert.ok(deliveries.find('lo') !== undefined);
    } finally {
      await host.close();
      await ip('link del o0');
    }
  });
});
