import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { RolloutStage } from './stage.ts';
import { missingLine, readWalkthrough, type Step } from './walkthrough.ts';

const PATIENCE_MS = 10_000;

describe('docs/rollout.md', function () {
  this.timeout(120_000);
  let stage: RolloutStage;

  before(async () => {
    stage = await RolloutStage.build();
  });
  after(() => stage.dispose());

  /** Asks again while the answer is not there yet: what a reader sees a second later. */
  async function complaint({
    host,
    command,
    expected,
  }: Step & { kind: 'command' }): Promise<string | null> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const output = await stage.run(host, command);
      const missing = missingLine(expected, output);
      if (missing === null) return null;
      if (Date.now() > until || /^rampartctl (apply|confirm|cut|flush)/.test(command))
        return `${host}# ${command}\nlacks: ${missing}\nprinted:\n${output}`;
    }
  }

  it('prints what it says, step by step', async () => {
    const steps = readWalkthrough(readFileSync('docs/rollout.md', 'utf8'));
    assert.ok(steps.filter(({ kind }) => kind === 'command').length >= 12);
    for (const step of steps) {
      if (step.kind === 'file') stage.write(step.path, step.text);
      else assert.equal(await complaint(step), null);
    }
  });
});
