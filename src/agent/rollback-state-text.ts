import type { RollbackReason, RollbackState } from './rollback-state.ts';

const REASONS: readonly RollbackReason[] = ['datastore-lost', 'ssh-lost', 'not-confirmed'];

/** The state that was saved as JSON. Throws when the text is anything else. */
export function parseState(text: string): RollbackState {
  const value: unknown = JSON.parse(text);
  if (isState(value)) return value;
  throw new Error('it does not say where a rollback stands');
}

function isState(value: unknown): value is RollbackState {
  if (!isRecord(value)) return false;
  switch (value['kind']) {
    case 'normal':
      return typeof value['isAccepting'] === 'boolean';
    case 'watching':
      return isChange(value) && isMoment(value['until']) && isWho(value['by']);
    case 'rolled-back':
      return isJudged(value) && isWho(value['by']) && isHeldOrNull(value['held']);
    default:
      return value['kind'] === 'stuck' && isJudged(value);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function isChange({ objects, revision }: Fields): boolean {
  return isTexts(objects) && typeof revision === 'number';
}

function isJudged(value: Fields): boolean {
  return (
    isChange(value) && isMoment(value['at']) && REASONS.some((known) => known === value['reason'])
  );
}

function isWho(value: unknown): boolean {
  return value === 'daemon' || value === 'operator';
}

function isHeldOrNull(value: unknown): boolean {
  if (value === null) return true;
  if (!isRecord(value)) return false;
  const { rules, members } = value;
  return typeof rules === 'string' && (members === null || typeof members === 'string');
}

// What Date can show.
function isMoment(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
