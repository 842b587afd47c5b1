import { describeRows } from './row.ts';
import { TIERS } from './rows/tiers.ts';

describeRows('Tiers, policies, profiles', TIERS);
