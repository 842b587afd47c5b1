import { chmod, chown, lstat, readFile, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { HostError } from '../base/errors.ts';

/** Makes way for a new socket: removes one that nobody answers on. Rejects when somebody does. */
export async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return;
  if (!found.isSocket()) {
    throw new HostError('not-a-socket', `${path} is in the way and is not a socket: remove it`);
  }
  if (await answers(path)) {
    throw new HostError('socket-taken', `another rampartd answers on ${path}`);
  }
  await unlink(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (isAnswered: boolean): void => {
      socket.destroy();
      resolve(isAnswered);
    };
    socket.once('connect', () => {
      settle(true);
    });
    // A full queue (EAGAIN) belongs to somebody who is alive.
    socket.once('error', (error: NodeJS.ErrnoException) => {
      settle(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}

/**
 * Lets members of `group` (a name of /etc/group, or a number) use the socket and enter its directory. Needs no
 * privilege where both are of that group already, as under systemd with `Group=`.
 */
export async function admitGroup(path: string, group: string): Promise<void> {
  const gid = await groupNumber(group);
  await giveTo(path, gid, 0o660);
  await giveTo(dirname(path), gid, 0o710);
}

async function giveTo(path: string, gid: number, mode: number): Promise<void> {
  const { gid: present, uid, mode: old } = await lstat(path);
  if (present !== gid) await chown(path, uid, gid);
  await chmod(path, (old & 0o7777) | mode);
}

async function groupNumber(group: string): Promise<number> {
  if (/^\d+$/.test(group)) return Number(group);
  const lines = (await readFile('/etc/group', 'utf8')).split('\n');
  const fields = lines.map((line) => line.split(':')).find(([name]) => name === group);
  const gid = Number(fields?.[2] ?? NaN);
  if (Number.isInteger(gid)) return gid;
  throw new HostError('unknown-group', `there is no group ${group} in /etc/group`);
}
