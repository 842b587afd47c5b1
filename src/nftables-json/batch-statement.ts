import type { MapVerdict, Statement, Verdict } from '../ruleset/ruleset.ts';
import type { BatchBytes } from './batch-bytes.ts';
import { OBJECT_COUNTER } from './batch-constants.ts';
import {
  expression,
  giveVerdict,
  loadMeta,
  loadValue,
  lookUp,
  mask,
  META,
  storeMeta,
} from './batch-expression.ts';
import { verdictMap } from './batch-map.ts';
import { hostNumber } from './batch-match.ts';
import type { RuleContext } from './batch-match.ts';

const OBJREF = { type: 1, name: 2 } as const;
const LOG = { group: 1, prefix: 2, level: 5 } as const;
const LOG_LEVEL_INFO = 6;
const REJECT = { type: 1, code: 2 } as const;
const REJECT_ICMPX = 2;
const REJECT_PORT_UNREACHABLE = 1;
const VERDICTS = { drop: 0, accept: 1, return: -5 } as const;
const JUMP = -3;
const GOTO = -4;

/** Like `prepareMatch`, for a statement. */
export function prepareStatement(context: RuleContext, statement: Statement): () => void {
  const { batch } = context;
  if (statement.kind === 'verdict') return prepareVerdict(context, statement.verdict);
  switch (statement.kind) {
    case 'counter':
      return () => {
        expression(batch, 'objref', () => {
          batch.u32(OBJREF.type, OBJECT_COUNTER);
          batch.text(OBJREF.name, statement.name);
        });
      };
    case 'log':
      return () => {
        expression(batch, 'log', () => {
          batch.text(LOG.prefix, statement.prefix);
          batch.u32(LOG.level, LOG_LEVEL_INFO);
        });
      };
    case 'nflog':
      return () => {
        expression(batch, 'log', () => {
          batch.u16(LOG.group, statement.group);
          batch.text(LOG.prefix, statement.prefix);
        });
      };
    case 'mark':
      return () => {
        writeMark(batch, statement.keep, statement.set);
      };
    case 'notrack':
      return () => {
        expression(batch, 'notrack', () => undefined);
      };
  }
}

function writeMark(batch: BatchBytes, keep: number, set: number): void {
  if (keep === 0) loadValue(batch, hostNumber(set));
  else {
    loadMeta(batch, META.mark);
    mask(batch, hostNumber(keep & ~set), hostNumber(set));
  }
  storeMeta(batch, META.mark);
}

function prepareVerdict(context: RuleContext, verdict: Verdict): () => void {
  const { batch } = context;
  switch (verdict.kind) {
    case 'accept':
    case 'drop':
    case 'return':
      return () => {
        giveVerdict(batch, VERDICTS[verdict.kind], null);
      };
    case 'reject':
      return () => {
        expression(batch, 'reject', () => {
          batch.u32(REJECT.type, REJECT_ICMPX);
          batch.u8(REJECT.code, REJECT_PORT_UNREACHABLE);
        });
      };
    case 'jump':
    case 'goto':
      return () => {
        giveVerdict(batch, verdict.kind === 'jump' ? JUMP : GOTO, verdict.chain);
      };
    case 'dispatch':
    case 'branch':
      return prepareLookup(context, verdict);
  }
}

function prepareLookup(context: RuleContext, verdict: MapVerdict): () => void {
  const { batch, map, sets } = context;
  const { key, entries, load } = verdictMap(context, verdict);
  const found = map === undefined ? sets.verdicts(key, entries()) : { name: map };
  return () => {
    load();
    lookUp(batch, found, 'verdict');
  };
}
