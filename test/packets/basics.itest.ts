import { describeRows } from './row.ts';
import { BASICS } from './rows/basics.ts';

describeRows('Host endpoint basics', BASICS);
