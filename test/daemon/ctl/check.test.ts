import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { ctl } from './run.ts';
import { directoryOf, HOSTS } from './resources.ts';

const LIST = `apiVersion: projectcalico.org/v3
kind: List
items:
  - apiVersion: projectcalico.org/v3
    kind: GlobalNetworkPolicy
    metadata:
      name: allow-web
    spec:
      selector: role = 'db'
      ingress:
        - action: Allw
          protocol: TCP
`;

describe('rampartctl check', () => {
  let directory: ReturnType<typeof directoryOf>;
  before(() => {
    const json = JSON.stringify({ apiVersion: 'projectcalico.org/v3', kind: 'Tier', metadata: {} });
    directory = directoryOf({
      'good.yaml': HOSTS,
      'bad.yaml': LIST,
      'broken.yaml': 'kind: Tier\n---\nkind: [\n',
      'tier.json': json.replace('"metadata"', '\n"metadata"'),
      'notes.txt': 'not a manifest',
    });
  });
  after(() => {
    directory.remove();
  });
  const file = (name: string): string => `${directory.path}/${name}`;

  it('is content with good manifests', async () => {
    const { exitCode, out, err } = await ctl(['check', file('good.yaml')]);
    assert.deepEqual([exitCode, err], [0, '']);
    assert.equal(out, '4 objects in 1 file: 0 errors, 0 warnings\n');
  });

  it('places problems where the field is written, in items of lists too', async () => {
    const { exitCode, out } = await ctl(['check', file('bad.yaml')]);
    assert.equal(exitCode, 65);
    assert.match(out, /bad\.yaml:9:7: error: GlobalNetworkPolicy allow-web: spec\.selector: /);
    assert.match(out, /bad\.yaml:11:11: error: .*spec\.ingress\[0\]\.action: "Allw"/);
    assert.match(out, /1 object in 1 file: 2 errors, 0 warnings\n$/);
  });

  it('places what is no YAML, and what is missing in JSON', async () => {
    const broken = await ctl(['check', file('broken.yaml')]);
    assert.match(broken.out, /broken\.yaml:4:1: error: /);
    const missing = await ctl(['check', file('tier.json')]);
    assert.match(missing.out, /tier\.json:2:1: error: Tier without a name: metadata\.name/);
  });

  it('reads the manifests of a directory, and tells of what is given twice', async () => {
    const { out } = await ctl(['check', directory.path, file('good.yaml'), '-o', 'json']);
    const answer = JSON.parse(out) as {
      files: number;
      findings: { code: string; file: string; line: number }[];
    };
    assert.equal(answer.files, 5);
    const twice = answer.findings.filter(({ code }) => code === 'object-duplicate');
    // The policy of bad.yaml has the name of another; good.yaml is read in its directory, and once more.
    assert.deepEqual(
      twice.map(({ line }) => line),
      [10, 1, 10, 24, 33],
    );
  });

  it('says which file cannot be read', async () => {
    const { exitCode, err } = await ctl(['check', '/nowhere/at-all.yaml']);
    assert.equal(exitCode, 65);
    assert.equal(
      err,
      'rampartctl: /nowhere/at-all.yaml: cannot be read: there is no such file or directory\n',
    );
  });

  it('wraps lines to the terminal', async () => {
    for (const columns of [80, 120]) {
      const { out } = await ctl(['check', file('bad.yaml')], columns);
      const lines = out.replaceAll(/\u001B\[\d+m/g, '').split('\n');
      assert.ok(lines.every((line) => line.length <= columns));
    }
  });
});
