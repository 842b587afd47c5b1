import { describeRows } from './row.ts';
import { COEXISTENCE } from './rows/coexistence.ts';

describeRows('Local DNAT, marks, coexistence, lifecycle', COEXISTENCE);
