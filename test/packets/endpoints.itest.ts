import { describeRows } from './row.ts';
import { ENDPOINTS } from './rows/endpoints.ts';

describeRows('Matching and lifecycle of host endpoints', ENDPOINTS);
