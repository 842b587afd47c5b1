import type { AcceptanceRow } from './acceptance/acceptance-row.ts';
import { ENDPOINT_ROWS } from './acceptance/endpoint-rows.ts';
import { FORWARDING_ROWS } from './acceptance/forwarding-rows.ts';
import { RULE_ROWS } from './acceptance/rule-rows.ts';
import { STAR_ROWS } from './acceptance/star-rows.ts';
import { TIER_ROWS } from './acceptance/tier-rows.ts';
import { UNTRACKED_ROWS } from './acceptance/untracked-rows.ts';

/** Calico's semantics, row by row. */
export const ACCEPTANCE_ROWS: Readonly<Record<string, readonly AcceptanceRow[]>> = {
  'host endpoints': ENDPOINT_ROWS,
  'the endpoint of all interfaces': STAR_ROWS,
  'tiers, policies and profiles': TIER_ROWS,
  'forwarding and pre-DNAT': FORWARDING_ROWS,
  'untracked policy': UNTRACKED_ROWS,
  'rules and sets': RULE_ROWS,
};
