import { setImmediate as nextTurn } from 'node:timers/promises';
import { lastUse } from '../../src/nftables-json/crash-marker.ts';
import { createNftables } from '../../src/nftables-json/create-nftables.ts';
import { HASH4 } from './samples.ts';
import { realClock, recordingLogger } from './test-system.ts';

// Started by a test, with a directory for state: dies the way a fault in native code kills a process, in a call.
const [directory = ''] = process.argv.slice(2);
const nftables = await createNftables({
  transport: 'library',
  runDir: directory,
  stateDir: directory,
  logger: recordingLogger(),
  clock: realClock,
});
const elements = Array.from({ length: 50_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
void nftables.check([{ op: 'add-table' }, { op: 'add-elements', set: HASH4, elements }]);
while (lastUse(directory).kind === 'fine') await nextTurn();
process.abort();
