'use strict';

// Mocha's spec reporter, plus its counts as JSON in the file that the test runner sums up.
const { writeFileSync } = require('node:fs');
const Mocha = require('mocha');

class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      const file = process.env.MOCHA_COUNTS_FILE;
      const counts = { passed: passes, failed: failures, skipped: pending };
      if (file) writeFileSync(file, JSON.stringify(counts));
      else console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
    });
  }
}

module.exports = CountingReporter;
