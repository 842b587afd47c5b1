import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

// Making text gives way to the event loop after this much: a few milliseconds' work.
const CHUNK_CHARACTERS = 128 * 1024;

/**
 * Replaces `directory/name`, readable by its owner only. Whatever happens meanwhile, a crash and a power loss
 * included, there is the old file or the new one, never a part; once this resolves it is the new one for good.
 * Rejects with the system's error; then the old file is there.
 */
export async function writeDurably(
  directory: string,
  name: string,
  pieces: Iterable<string>,
): Promise<void> {
  const temporary = join(directory, `${name}.new`);
  try {
    // What an earlier process left may belong to somebody else.
    await rm(temporary, { force: true });
    await writeAndSync(temporary, pieces);
    await rename(temporary, join(directory, name));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(directory);
}

async function writeAndSync(path: string, pieces: Iterable<string>): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await writePieces(file, pieces);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writePieces(file: FileHandle, pieces: Iterable<string>): Promise<void> {
  let chunk = '';
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    await file.writeFile(chunk);
    chunk = '';
    await nextTurn();
  }
  await file.writeFile(chunk);
}

// A rename is on disk once its directory is.
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
