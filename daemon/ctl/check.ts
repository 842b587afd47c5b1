import { formatProblem } from '../../src/base/problem.ts';
import { EXIT } from '../exit-codes.ts';
import type { Call } from './command.ts';
import { checkManifests } from './offline/check-manifests.ts';
import type { Checked, Finding } from './offline/check-manifests.ts';
import { readManifests } from './offline/read-manifests.ts';
import type { Output } from './output.ts';
import type { Paint } from './paint.ts';
import { wrapIndented } from './table.ts';

/** `rampartctl check`: says what is wrong with manifests, and where. */
export async function run({ args, output }: Call): Promise<number> {
  const files = await readManifests(args);
  const checked = checkManifests(files);
  const count = (severity: Finding['severity']): number =>
    checked.findings.filter((one) => one.severity === severity).length;
  const [errors, warnings] = [count('error'), count('warning')];
  const summary = { files: files.length, objects: checked.objects, errors, warnings };
  await output.print({ ...summary, findings: checked.findings }, () =>
    [...findingLines(checked, output), summaryLine(summary, output.paint)].join('\n'),
  );
  return errors === 0 ? EXIT.ok : EXIT.data;
}

function findingLines({ findings }: Checked, { paint, columns }: Output): readonly string[] {
  return findings.map(({ file, line, column, ...problem }) => {
    const severity = paint(problem.severity === 'error' ? 'red' : 'yellow', problem.severity);
    const text = problem.object === '' ? problem.message : formatProblem(problem);
    return wrapIndented(`${file}:${line}:${column}: ${severity}: ${text}`, columns);
  });
}

function summaryLine(
  summary: Readonly<Record<'files' | 'objects' | 'errors' | 'warnings', number>>,
  paint: Paint,
): string {
  const { files, objects, errors, warnings } = summary;
  const found = `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
  const colour = errors > 0 ? 'red' : warnings > 0 ? 'yellow' : 'green';
  return `${counted(objects, 'object')} in ${counted(files, 'file')}: ${paint(colour, found)}`;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
