import { describeRows } from './row.ts';
import { FORWARDING } from './rows/forwarding.ts';

describeRows('Forwarding and pre-DNAT', FORWARDING);
