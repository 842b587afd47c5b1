import { NamespaceGroup } from '../test/support/netns.ts';
import type { Namespace } from '../test/support/netns.ts';
import { runCommand } from '../test/support/command.ts';

/** The interface of the policed host. */
export const HOST_INTERFACE = 'eth0';
/** Its address, and that of this end. */
export const HOST_ADDRESS = '192.0.2.2';
export const OWN_ADDRESS = '192.0.2.1';
/** The interface of this end. */
export const OWN_INTERFACE = 'wire';

/** A host behind a cable from the network namespace of this process. */
export interface Wire {
  readonly host: Namespace;
  dispose(): Promise<void>;
}

/** Makes both. Whatever address a packet claims to come from, the host takes it for routable. */
export async function layWire(): Promise<Wire> {
  const group = new NamespaceGroup();
  try {
    const host = await group.add('host');
    const ends = ['name', HOST_INTERFACE, 'netns', host.name];
    await runCommand(['ip', 'link', 'add', OWN_INTERFACE, 'type', 'veth', 'peer', ...ends]);
    await setUp((argv) => runCommand(argv), OWN_INTERFACE, OWN_ADDRESS);
    await setUp((argv) => host.run(argv), HOST_INTERFACE, HOST_ADDRESS);
    await host.run(['ip', 'route', 'add', 'default', 'via', OWN_ADDRESS]);
    for (const name of ['all', HOST_INTERFACE])
      await host.run(['sysctl', '-qw', `net.ipv4.conf.${name}.rp_filter=0`]);
    return { host, dispose: () => group.dispose() };
  } catch (error) {
    await group.dispose();
    throw error;
  }
}

async function setUp(
  run: (argv: readonly string[]) => Promise<string>,
  name: string,
  address: string,
): Promise<void> {
  await run(['ip', 'address', 'add', `${address}/24`, 'dev', name]);
  await run(['ip', 'link', 'set', name, 'up']);
}
