import type { Outcome } from './probe.ts';

const WORDS: Readonly<Record<string, Outcome>> = {
  EPERM: 'eperm',
  EACCES: 'eperm',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'refused',
  EHOSTUNREACH: 'unreach',
  ENETUNREACH: 'unreach',
  ETIMEDOUT: 'timeout',
};

/** The outcome that a failed system call stands for. */
export function outcomeOf(thrown: unknown): Outcome {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown);
  return WORDS[code] ?? `error ${code}`;
}
