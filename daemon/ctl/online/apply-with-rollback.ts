import { basename, dirname, join } from 'node:path';
import { formatProblem } from '../../../src/base/problem.ts';
import type { ApplyAnswer } from '../../../src/control/wire.ts';
import { listManifests, readManifest } from '../../../src/source/manifest-directory.ts';
import { EXIT } from '../../exit-codes.ts';
import { readConfig } from '../../read-config.ts';
import type { Call } from '../command.ts';
import { CtlError, dataError, usageError } from '../ctl-error.ts';
import { checkManifests } from '../offline/check-manifests.ts';
import type { Finding } from '../offline/check-manifests.ts';
import { readManifests } from '../offline/read-manifests.ts';
import type { ManifestText } from '../offline/read-manifests.ts';
import { askDaemon } from './ask-daemon.ts';
import { readTime } from './read-time.ts';

/** `rampartctl apply-with-rollback`: tries manifests until they are confirmed or the time is over. */
export async function run({ args, options, output }: Call): Promise<number> {
  const seconds = readTime('--within', String(options['within']));
  const { datastore } = readConfig(undefined);
  if (datastore.kind !== 'file') {
    throw new CtlError(
      EXIT.failed,
      'the datastore of this host is etcd, whose objects are every host\u2019s: apply them with calicoctl. Set rollback.onDatastoreLoss and rollback.onSshLoss, and each host takes back by itself what cuts it off',
    );
  }
  const files = await readManifests(args);
  refuseFindings(checkManifests(files).findings);
  const texts = await textsByName(files);
  await refuseTwice(datastore.directory, files);
  const answer = await askDaemon(
    (client) => client.applyWithRollback({ seconds, files: texts }),
    '',
  );
  await output.print(answer, () => answerText(answer));
  return EXIT.ok;
}

function answerText({ until, objects }: ApplyAnswer): string {
  const what =
    objects.length === 0 ? 'no rule of this host changes' : `in force: ${objects.join(', ')}`;
  return `${what}\nUntil ${until} only. To keep it: rampartctl confirm`;
}

function refuseFindings(findings: readonly Finding[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  const lines = errors.map(
    (one) =>
      `${one.file}:${one.line}:${one.column}: ${one.object === '' ? one.message : formatProblem(one)}`,
  );
  throw dataError(`nothing was applied:\n${lines.join('\n')}`);
}

async function textsByName(
  files: readonly ManifestText[],
): Promise<Readonly<Record<string, string>>> {
  const texts: Record<string, string> = {};
  for (const { path } of files) {
    const name = basename(path);
    if (!/^[^.~].*\.(?:yaml|yml|json)$/.test(name))
      throw usageError(
        `${path}: a file of the directory of manifests ends with .yaml, .yml or .json and begins with neither "." nor "~"; rename it`,
      );
    if (name in texts) throw usageError(`two files are called ${name}: rename one`);
    texts[name] = await readManifest(dirname(path), name);
  }
  return texts;
}

// Two files with one object: which of them counts would be left to their names.
async function refuseTwice(directory: string, files: readonly ManifestText[]): Promise<void> {
  const names = new Set(files.map(({ path }) => basename(path)));
  const others = (await listManifests(directory)).filter(({ name }) => !names.has(name));
  const kept = await readManifests(others.map(({ name }) => join(directory, name)));
  const twice = checkManifests([...kept, ...files]).findings.filter(
    ({ code, file }) => code === 'object-duplicate' && files.some(({ path }) => path === file),
  );
  if (twice.length === 0) return;
  const lines = twice.map(
    ({ file, line, object, message }) => `${file}:${line}: ${object}: ${message}`,
  );
  throw dataError(
    `nothing was applied: objects would be given twice. Use the file names of the directory for what is to be replaced\n${lines.join('\n')}`,
  );
}
