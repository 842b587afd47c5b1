import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { compileRuleset } from '../../src/compile/compile.ts';
import { diffRulesets } from '../../src/ruleset/diff.ts';
import { encodeTransaction } from '../../src/nftables-json/encode-transaction.ts';
import { localPolicyOf, settings, worlds } from '../support/random-policy.ts';
let bad = 0, n = 0;
const seen = new Set<string>();
for (const [w, s] of fc.sample(fc.tuple(worlds, settings), { numRuns: Number(process.env.N ?? 300), seed: Number(process.env.SEED ?? 1) })) {
  n++;
  try {
    const ruleset = compileRuleset(localPolicyOf(w), { ...s, logPrefix: 'calico-packet', logRateLimit: null, markMask: 0xffff0000 });
    const tx = diffRulesets({ kind: 'absent' }, ruleset);
    writeFileSync('/tmp/explain-nft.json', JSON.stringify({ nftables: encodeTransaction(tx) }));
    const r = spawnSync('nft', ['-c', '-j', '-f', '/tmp/explain-nft.json'], { encoding: 'utf8' });
    if (r.status !== 0) { const k = 'nft: ' + r.stderr.split('\n')[0]; bad++; if (!seen.has(k)) { seen.add(k); console.log(k); } }
  } catch (e) { bad++; const k = String(e); if (!seen.has(k)) { seen.add(k); console.log(k); } }
}
console.log(n, 'rulesets', bad, 'refused');
