// The least that a change of the kernel costs: libnftables in a process of its own, in a network namespace of
// its own, one rule written anew and one address more in a set of 10,000, `COUNT` times: first in a loop, then with `REST_MS`
// between them, as changes come that are measured. Prints milliseconds.
import { setTimeout as rest } from 'node:timers/promises';
import koffi from 'koffi';

const [COUNT, REST_MS] = process.argv.slice(2).map(Number);
const OUTPUT_JSON = 1 << 4;
const TABLE = { family: 'inet', table: 'bare' };

koffi.config({ sync_stack_size: 4 * 1024 * 1024 });
const library = koffi.load('libnftables.so.1');
const context = library.func('void *nft_ctx_new(uint32_t flags)')(0);
library.func('void nft_ctx_output_set_flags(void *context, unsigned int flags)')(
  context,
  OUTPUT_JSON,
);
const run = library.func('int nft_run_cmd_from_buffer(void *context, const void *input)');

const set = (elem) => ({ add: { set: { ...TABLE, name: 's', type: 'ipv4_addr', elem } } });
const address = (i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
const rule = {
  ...TABLE,
  chain: 'c',
  comment: 'bare',
  expr: [
    {
      match: {
        op: '==',
        left: { payload: { protocol: 'ip', field: 'saddr' } },
        right: '@s',
      },
    },
    { counter: 'n' },
    { accept: null },
  ],
};

function transact(commands) {
  const input = Buffer.from(`${JSON.stringify({ nftables: commands })}\0`);
  const startedAt = performance.now();
  if (run(context, input) !== 0) throw new Error('libnftables refused the transaction');
  return performance.now() - startedAt;
}

transact([
  { add: { table: { family: 'inet', name: 'bare' } } },
  { add: { chain: { ...TABLE, name: 'c' } } },
  { add: { counter: { ...TABLE, name: 'n' } } },
  set(Array.from({ length: 10_000 }, (_, i) => address(i))),
]);
const flush = { flush: { chain: { ...TABLE, name: 'c' } } };
let addresses = 10_000;
const writeRule = () => transact([flush, { add: { rule } }]);
const addMember = () => transact([set([address(addresses++)])]);

async function measure(one, restMs) {
  const durations = [];
  for (let i = 0; i < COUNT; i++) {
    if (restMs > 0) await rest(restMs);
    durations.push(one());
  }
  return durations;
}

const inLoop = { rule: await measure(writeRule, 0), member: await measure(addMember, 0) };
const atPace = {
  rule: await measure(writeRule, REST_MS),
  member: await measure(addMember, REST_MS),
};
process.stdout.write(JSON.stringify({ inLoop, atPace }));
