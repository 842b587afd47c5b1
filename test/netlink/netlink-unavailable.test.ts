import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const MODULE = new URL('../../src/netlink/netlink-socket.ts', import.meta.url).href;

const HOOKS = `export async function resolve(specifier, context, next) {
  if (specifier === 'koffi') throw new Error('no koffi on this machine');
  return next(specifier, context);
}`;

const SCRIPT = `
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(HOOKS)}));
  const { openNetlink } = await import(${JSON.stringify(MODULE)});
  const error = await openNetlink({ protocol: 0, groups: [] }).catch((thrown) => thrown);
  process.stdout.write(JSON.stringify([error.name, error.code, error.message]));
`;

describe('openNetlink without koffi', () => {
  it('rejects with a HostError that says what is missing', async () => {
    const flags = ['--import=tsx', '--input-type=module', '--eval', SCRIPT];
    const { stdout } = await run(process.execPath, flags);
    assert.deepEqual(JSON.parse(stdout), [
      'HostError',
      'netlink-unavailable',
      'Netlink cannot be used: koffi or the C library failed to load (Error: no koffi on this machine)',
    ]);
  });
});
