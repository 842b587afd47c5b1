import type { Operation } from '../ruleset/transaction.ts';
import type { AnonymousSets } from './batch-anonymous.ts';
import type { BatchBytes } from './batch-bytes.ts';
import { MESSAGE, NLM_F_APPEND, NLM_F_CREATE, RULE } from './batch-constants.ts';
import { prepareMatch } from './batch-match.ts';
import type { RuleContext } from './batch-match.ts';
import { beginObject } from './batch-object.ts';
import { prepareStatement } from './batch-statement.ts';
import { encodeRule } from './encode-rule.ts';
import { checkProtocols } from './rule-protocols.ts';

// Where nft keeps the comment of a rule: type, length, text with a final zero.
const COMMENT = 0;

/** Appends a rule. Throws NftablesError `invalid` for what nft would refuse before it asked the kernel. */
export function writeRule(
  batch: BatchBytes,
  sets: AnonymousSets,
  { chain, rule, map }: Extract<Operation, { readonly op: 'add-rule' }>,
): void {
  encodeRule(chain, rule, map);
  checkProtocols(rule);
  const context: RuleContext = { batch, sets, map, family: null, protocol: null };
  const expressions = [
    ...rule.matches.map((match) => prepareMatch(context, match)),
    ...rule.statements.map((statement) => prepareStatement(context, statement)),
  ];
  beginObject(batch, MESSAGE.newRule, NLM_F_CREATE | NLM_F_APPEND);
  batch.text(RULE.chain, chain);
  const list = batch.open(RULE.expressions);
  for (const write of expressions) write();
  batch.close(list);
  if (rule.comment !== '') batch.bytes(RULE.userData, commentData(rule.comment));
  batch.end();
}

function commentData(comment: string): Buffer {
  const text = Buffer.from(`${comment}\0`);
  return Buffer.concat([Buffer.from([COMMENT, text.length]), text]);
}
