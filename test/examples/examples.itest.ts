import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { admitManifest } from '../../src/resource/admit.ts';
import { type Example, exampleNames, EXAMPLES, readExample } from './readme.ts';
import { ExampleStage } from './stage.ts';

/** The rules of a container runtime, where an example comes with them. */
function foreignRules({ name }: Example): string | undefined {
  const file = join(EXAMPLES, name, 'container.nft');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** What calicoctl would say of an example's manifests. */
function problemsOf(name: string): readonly string[] {
  const files = readdirSync(join(EXAMPLES, name)).filter((file) => file.endsWith('.yaml'));
  return files.flatMap((file) => {
    const text = readFileSync(join(EXAMPLES, name, file), 'utf8');
    const admissions = parseAllDocuments(text).map((one) => admitManifest(one.toJS()));
    return admissions.flatMap(({ problems }) => problems.map((one) => `${file}: ${one.message}`));
  });
}

describe('the examples', () => {
  let stage: ExampleStage;

  before(async () => {
    stage = await ExampleStage.build();
  });

  afterEach(() => stage.clear());

  after(() => stage.dispose());

  for (const name of exampleNames())
    it(`${name}: what its README says gets through does, and nothing it denies`, async () => {
      assert.deepEqual(problemsOf(name), []);
      const example = readExample(name);
      const foreign = foreignRules(example);
      const [first] = example.hosts;
      if (foreign !== undefined && first !== undefined)
        await stage.host(first).namespace.run(['nft', '-f', '-'], foreign);
      await stage.play(example);
      const complaints = await Promise.all(
        example.statements.map((statement) => stage.complaints(statement)),
      );
      assert.deepEqual(complaints.flat(), []);
    });

  it('dns-untracked: a query leaves nothing in connection tracking', async () => {
    const example = readExample('dns-untracked');
    const [server] = example.hosts;
    const query = example.statements.find(({ text }) => text.endsWith('53/udp'));
    assert.ok(server !== undefined && query !== undefined);
    const tracked = (): Promise<string> =>
      stage.host(server).namespace.run(['sh', '-c', 'conntrack -L -p udp --dport 53 2>/dev/null']);
    await stage.play(example);
    assert.deepEqual(await stage.complaints(query), []);
    assert.equal(await tracked(), '');
  });
});
