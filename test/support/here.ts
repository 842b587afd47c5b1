import { execFileSync, spawn } from 'node:child_process';
import type { Namespace } from './netns.ts';

/** The namespace of the test itself, for tests that have one of their own. */
export const here: Namespace = {
  name: 'own',
  run: ([command = '', ...args], input) =>
    Promise.resolve(execFileSync(command, args, { encoding: 'utf8', input })),
  spawn: ([command = '', ...args], options = {}) => {
    const env = { PATH: process.env['PATH'], ...options.env };
    return spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  },
};
