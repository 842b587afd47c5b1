import { ControlError } from '../control/handler.ts';
import type { ApplyRequest } from '../control/wire.ts';

// As the schema of rollback.within.
const SHORTEST_S = 5;
const LONGEST_S = 3600;

/** What a request to try manifests says; throws ControlError, with what to write instead. */
export function readApply(body: unknown): ApplyRequest {
  const { seconds, files } = typeof body === 'object' && body !== null ? (body as Body) : {};
  const isTime = typeof seconds === 'number' && Number.isInteger(seconds) && isWithin(seconds);
  if (!isTime) throw bad(`seconds: write a whole number from ${SHORTEST_S} to ${LONGEST_S}.`);
  const entries = typeof files === 'object' && files !== null ? Object.entries(files) : [];
  const isGood = entries.every(([name, text]) => NAME.test(name) && typeof text === 'string');
  if (entries.length === 0 || !isGood)
    throw bad(
      'files: write the texts of manifests by file name, such as {"10-ssh.yaml": "\u2026"}.',
    );
  return { seconds, files: files as ApplyRequest['files'] };
}

interface Body {
  readonly seconds?: unknown;
  readonly files?: unknown;
}

// What the directory of manifests takes a file for.
const NAME = /^[^.~/][^/]*\.(?:yaml|yml|json)$/;

function isWithin(seconds: number): boolean {
  return seconds >= SHORTEST_S && seconds <= LONGEST_S;
}

function bad(message: string): ControlError {
  return new ControlError(400, 'bad-request', message);
}
