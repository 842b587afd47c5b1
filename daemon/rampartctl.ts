#!/usr/bin/env node
import { runCtl } from './ctl/run.ts';

// Somebody who has read enough (`rampartctl … | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});
process.exitCode = await runCtl(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  environment: process.env,
});
