import type { Row } from './row.ts';
import { BASICS } from './rows/basics.ts';
import { COEXISTENCE } from './rows/coexistence.ts';
import { ENDPOINTS } from './rows/endpoints.ts';
import { FORWARDING } from './rows/forwarding.ts';
import { RULES } from './rows/rules.ts';
import { STAR } from './rows/star.ts';
import { TIERS } from './rows/tiers.ts';
import { UNTRACKED } from './rows/untracked.ts';

/** Every row of the acceptance matrix that is about packets. */
export const ALL_ROWS: readonly Row[] = [
  ...BASICS,
  ...STAR,
  ...ENDPOINTS,
  ...TIERS,
  ...FORWARDING,
  ...UNTRACKED,
  ...RULES,
  ...COEXISTENCE,
];
