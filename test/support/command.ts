import { spawn } from 'node:child_process';

/** A command that ended with something else than 0; the message holds its line and what it said. */
export class CommandError extends Error {
  readonly status: number | null;

  constructor(line: string, status: number | null, said: string) {
    super(`${line}: exit ${String(status)}: ${said.trim()}`);
    this.name = 'CommandError';
    this.status = status;
  }
}

/** Runs `argv` with `input` on its stdin; resolves to its stdout, or rejects with a CommandError. */
export function runCommand(argv: readonly string[], input = ''): Promise<string> {
  const [file = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(Buffer.concat(out).toString());
      else reject(new CommandError(argv.join(' '), status, Buffer.concat(said).toString()));
    });
    child.stdin.end(input);
  });
}
