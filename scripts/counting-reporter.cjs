'use strict';

// Mocha's spec reporter, plus its counts and failures as JSON in the file that the test runner sums up.
const { writeFileSync } = require('node:fs');
const Mocha = require('mocha');

class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const failures = [];
    runner.on('fail', (test, error) => {
      failures.push({ test: test.fullTitle(), reason: String(error?.stack ?? error) });
    });
    runner.once('end', () => {
      const { passes, failures: failed, pending } = runner.stats;
      const file = process.env.MOCHA_COUNTS_FILE;
      const counts = { passed: passes, failed, skipped: pending, failures };
      if (file) writeFileSync(file, JSON.stringify(counts));
      else console.log(`${passes} passed, ${failed} failed, ${pending} skipped`);
    });
  }
}

module.exports = CountingReporter;
