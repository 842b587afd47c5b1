import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { Host } from '../../src/host/host.ts';
import type { HostRig } from './host-contract.ts';

const run = promisify(execFile);

/** Runs one `ip` command. */
export async function ip(command: string): Promise<void> {
  await run('ip', command.split(' '));
}

/** Runs many `ip` commands in one process, without giving the event loop a turn. */
export function ipBatch(commands: readonly string[]): void {
  execFileSync('ip', ['-batch', '-'], { input: commands.join('\n') });
}

/** A rig on the kernel of this network namespace: links are ends of veth pairs. */
export function kernelRig(host: Host): HostRig {
  const peers = new Map<string, string>();
  let nextPeer = 0;
  return {
    host,
    addLink: async (name) => {
      const peer = `${name}-p${String(nextPeer++)}`;
      await ip(`link add ${name} type veth peer name ${peer}`);
      // Up, but without a carrier while its peer is down: IPv6 routes need the first.
      await ip(`link set ${name} up`);
      peers.set(name, peer);
    },
    deleteLink: async (name) => {
      peers.delete(name);
      await ip(`link del ${name}`);
    },
    renameLink: async (name, to) => {
      peers.set(to, peers.get(name) ?? '');
      peers.delete(name);
      await ip(`link set ${name} name ${to}`);
    },
    setRunning: (name, running) =>
      ip(`link set ${peers.get(name) ?? ''} ${running ? 'up' : 'down'}`),
    addAddress: (name, address) =>
      ip(`addr add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`),
    removeAddress: (name, address) => ip(`addr del ${address} dev ${name}`),
    dispose: async () => {
      for (const name of peers.keys()) await ip(`link del ${name}`);
    },
  };
}
