import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { HostError } from '../../../src/base/errors.ts';

const LIST = ['nft', 'list', 'table', 'inet', 'rampart'] as const;

/** Our table as nft lists it; empty when there is none. Rejects with HostError. */
export async function listKernel(): Promise<string> {
  const { code, out, err } = await runProgram(LIST, '');
  if (code === 0) return out;
  if (err.includes('No such file or directory')) return '';
  throw new HostError('nft-failed', `nft cannot list the table: ${err.trim()}`);
}

/**
 * A ruleset as nft would list it: loaded where nobody's packets pass, in a network namespace that ends with the
 * program. Rejects with HostError.
 */
export async function listLoaded(ruleset: string): Promise<string> {
  const script = `nft -f - && exec ${LIST.join(' ')}`;
  const { code, out, err } = await runProgram(['unshare', '--net', 'sh', '-c', script], ruleset);
  if (code === 0) return out;
  const why = err.trim();
  throw new HostError('nft-failed', `what should be there cannot be loaded for comparison: ${why}`);
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function runProgram(
  [command = '', ...args]: readonly string[],
  input: string,
): Promise<Ended> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', (error) => {
      reject(new HostError('not-started', `${command} cannot be started: ${error.message}`));
    });
  });
  // A program that ended before it had read everything says why itself.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, out, err };
}
