import { describeRows } from './row.ts';
import { STAR } from './rows/star.ts';

describeRows('Host endpoints for all interfaces', STAR);
