import { EVERY_PACKET } from './match-all.ts';
import type { Rule } from './rule.ts';

/** The largest object that is read, in bytes; etcd itself takes 1.5 MiB unless it is told otherwise. */
export const MAX_OBJECT_BYTES = 16 * 1024 * 1024;

/** The most rules of one policy or profile in one direction that are honoured. */
export const MAX_RULES = 10_000;

/** The most ports, ranges and names of one list of a rule that are honoured. */
export const MAX_PORTS = 10_000;

/** Allows every packet. */
export const ALLOW_ALL: Rule = { action: 'Allow', ...EVERY_PACKET };

/** Stands in the place of rules that are too many: what would reach them is denied. */
export const DENY_ALL: Rule = { action: 'Deny', ...EVERY_PACKET };
