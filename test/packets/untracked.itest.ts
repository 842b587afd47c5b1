import { describeRows } from './row.ts';
import { UNTRACKED } from './rows/untracked.ts';

describeRows('Untracked', UNTRACKED);
