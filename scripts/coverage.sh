#!/bin/sh
# Coverage of the unit tests, measured on what tsc emits: through tsx its own helper code would be counted.
# Fails below the floor. One test starts a child from the sources and stays out. The integration and packet tests run the shell rooms and are not counted.
set -eu
cd "$(dirname "$0")/.."
rm -rf dist-test coverage
node_modules/.bin/tsc -p tsconfig.test-build.json
# Tests find their fixtures, and the files that are shipped, beside themselves.
(cd test && find . -type f ! -name '*.ts' -exec cp --parents {} ../dist-test/test/ \;)
cp -R config docs systemd packaging package.json ARCHITECTURE.md .dependency-cruiser.cjs dist-test/
node_modules/.bin/c8 --include 'src/**' --include 'dist-test/src/**' --exclude-after-remap \
  --reporter text --check-coverage --lines 95 --branches 95 \
  node node_modules/mocha/bin/mocha.js --no-config --reporter dot --timeout 30000 --grep 'without koffi' --invert \
  'dist-test/test/**/*.test.js'
