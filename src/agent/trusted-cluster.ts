import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'trusted-cluster';

/** The GUID of the cluster whose policy this host enforced last; null when it never enforced any. */
export async function readTrustedCluster(stateDir: string): Promise<string | null> {
  try {
    const text = await readFile(join(stateDir, FILE), 'utf8');
    return text.trim() === '' ? null : text.trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Remembers it, atomically: after a power loss the file is the old or the new one, never a part. */
export async function writeTrustedCluster(stateDir: string, guid: string): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const temporary = join(stateDir, `${FILE}.new`);
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(`${guid}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(stateDir, FILE));
}
