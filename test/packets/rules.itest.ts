import { describeRows } from './row.ts';
import { RULES } from './rows/rules.ts';

describeRows('Rule matching and sets', RULES);
