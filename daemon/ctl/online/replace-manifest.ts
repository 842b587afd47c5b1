import { chmod, chown, copyFile, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toError } from '../../../src/base/errors.ts';
import { EXIT } from '../../exit-codes.ts';
import { CtlError } from '../ctl-error.ts';

/**
 * Makes `text` the manifest `name`: there is the old file or the new one, never a part, with the old one's owner and
 * mode. The old one is kept as `NAME~`, which is no manifest. Throws CtlError; then the old file is there.
 */
export async function replaceManifest(
  directory: string,
  name: string,
  text: string,
): Promise<void> {
  const path = join(directory, name);
  const temporary = join(directory, `.${name}.new`);
  try {
    const before = await stat(path).catch(() => null);
    if (before !== null) await copyFile(path, `${path}~`);
    await writeAndSync(temporary, text);
    await chmod(temporary, before === null ? 0o644 : before.mode & 0o7777);
    if (before !== null) await chown(temporary, before.uid, before.gid);
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new CtlError(
      EXIT.failed,
      `${path}: cannot be written: ${toError(thrown).message}. Nothing is confirmed: the rules of before come back in time`,
      thrown,
    );
  }
}

async function writeAndSync(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
