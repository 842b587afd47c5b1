// The daemon as packages install it: one file with all that it needs, in dist/installed.
import { cpSync } from 'node:fs';
import { bundlePrograms } from '../scripts/package/bundle.mjs';

await bundlePrograms('dist/installed/lib');
cpSync('node_modules/etcd3/proto', 'dist/installed/proto', { recursive: true });
