import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

// Making text gives way to the event loop after this much: a few milliseconds' work.
const CHUNK_CHARACTERS = 128 * 1024;
// Bytes that are there already are no work.
const CHUNK_BYTES = 1024 * 1024;

/**
 * Replaces `directory/name`, readable by its owner only. Whatever happens meanwhile, a crash and a power loss
 * included, there is the old file or the new one, never a part; once this resolves it is the new one for good.
 * Rejects with the system's error; then the old file is there.
 */
export async function writeDurably(
  directory: string,
  name: string,
  pieces: Iterable<string | Buffer>,
): Promise<void> {
  const temporary = join(directory, `${name}.new`);
  try {
    await writeAndSync(temporary, pieces);
    await rename(temporary, join(directory, name));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(directory);
}

// What does not exist is not created.
const APPEND = constants.O_WRONLY | constants.O_APPEND;

/** A file that somebody has shortened. */
export class ShortFile extends Error {}

/**
 * Appends to `directory/name`, readable by its owner only, behind its first `from` bytes; what is behind them goes. A
 * crash leaves those bytes and a part of the rest. Once this resolves all of it is there for good. Rejects with the
 * system's error, and with ShortFile when there are fewer bytes.
 */
export async function appendDurably(
  directory: string,
  { name, from }: { readonly name: string; readonly from: number },
  pieces: Iterable<string | Buffer>,
): Promise<void> {
  const path = join(directory, name);
  // What an earlier process left may belong to somebody else.
  if (from === 0) await rm(path, { force: true });
  const file = await open(path, from === 0 ? 'ax' : APPEND, 0o600);
  try {
    const { size } = await file.stat();
    if (size < from) throw new ShortFile(`${path} has become shorter`);
    if (size > from) await file.truncate(from);
    await writePieces(file, pieces);
    await file.datasync();
  } finally {
    await file.close();
  }
  if (from === 0) await syncDirectory(directory);
}

async function writeAndSync(path: string, pieces: Iterable<string | Buffer>): Promise<void> {
  const file = await create(path);
  try {
    await writePieces(file, pieces);
    await file.sync();
  } finally {
    await file.close();
  }
}

// What an earlier process left may belong to somebody else.
async function create(path: string): Promise<FileHandle> {
  const file = await open(path, 'wx', 0o600).catch(() => null);
  if (file !== null) return file;
  await rm(path, { force: true });
  return open(path, 'wx', 0o600);
}

async function writePieces(file: FileHandle, pieces: Iterable<string | Buffer>): Promise<void> {
  for (const chunk of chunksOf(pieces)) {
    await writeAll(file, chunk);
    await nextTurn();
  }
}

function* chunksOf(pieces: Iterable<string | Buffer>): Generator<readonly Buffer[], void> {
  let [chunk, bytes, text]: [Buffer[], number, string] = [[], 0, ''];
  const take = (): void => {
    if (text !== '') chunk.push(Buffer.from(text));
    bytes += text.length;
    text = '';
  };
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece;
    else {
      take();
      chunk.push(piece);
      bytes += piece.length;
    }
    if (text.length < CHUNK_CHARACTERS && bytes < CHUNK_BYTES) continue;
    take();
    yield chunk;
    [chunk, bytes] = [[], 0];
  }
  take();
  yield chunk;
}

async function writeAll(file: FileHandle, chunk: readonly Buffer[]): Promise<void> {
  const { bytesWritten } = await file.writev(chunk);
  const size = chunk.reduce((sum, { length }) => sum + length, 0);
  // What is short of space is written in part; trying the rest tells why.
  if (bytesWritten < size) await file.writeFile(Buffer.concat(chunk).subarray(bytesWritten));
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
