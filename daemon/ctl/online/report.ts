import { writeFile } from 'node:fs/promises';
import type { ControlClient } from '../../../src/control/client.ts';
import type { EndpointsAnswer, StatusAnswer } from '../../../src/control/wire.ts';
import { toError } from '../../../src/base/errors.ts';
import { reportHtml } from '../../../src/report/html.ts';
import { reportMarkdown } from '../../../src/report/markdown.ts';
import { reachability } from '../../../src/report/reachability.ts';
import { createReport } from '../../../src/report/report.ts';
import type { Report, ReportInput } from '../../../src/report/report.ts';
import { EXIT } from '../../exit-codes.ts';
import type { Call } from '../command.ts';
import { CtlError } from '../ctl-error.ts';
import { parseSince } from '../since.ts';
import { askDaemon } from './ask-daemon.ts';
import { policyOfView } from './policy-of-view.ts';

/** `rampartctl report`: what an auditor asks about this host. */
export async function run({ options, output }: Call): Promise<number> {
  const { since, file } = options;
  const from = typeof since === 'string' ? parseSince(since, Date.now()) : null;
  const input = await askDaemon(gather, '');
  const report = createReport({ ...input, since: from });
  const text = (): string =>
    output.format === 'html' ? reportHtml(report) : reportMarkdown(report);
  if (typeof file !== 'string') await output.print(report, text);
  else await save(file, await output.render(report, text));
  return EXIT.ok;
}

async function gather(client: ControlClient): Promise<Omit<ReportInput, 'since'>> {
  const answer = await client.report();
  const status = await client.status();
  const endpoints = await client.endpoints();
  const view = await client.policyView();
  return {
    answer,
    host: {
      name: status.nodeName,
      rampart: status.version,
      rulesInForce: status.rulesInForce,
      enforcement: status.enforcement,
    },
    alarms: status.alarms.map(({ code, since, message }) => ({ code, since, message })),
    unprotected: unprotected(status, endpoints),
    reachability: reachability({
      ...policyOfView(view),
      // What happens on lo stays on this host.
      interfaces: view.interfaces.filter(({ name }) => name !== 'lo'),
    }),
  };
}

function unprotected(
  { rulesInForce }: StatusAnswer,
  { endpoints, interfaces }: EndpointsAnswer,
): Report['unprotected'] {
  const isOpen = rulesInForce === 'flushed' || rulesInForce === 'none';
  return [
    ...(isOpen ? [{ what: 'this host', why: `rules in force: ${rulesInForce}` }] : []),
    ...interfaces
      .filter((one) => one.name !== 'lo' && one.endpoint === null && one.addresses.length > 0)
      .map(({ name }) => ({
        what: `interface ${name}`,
        why: 'no host endpoint governs it: everything passes',
      })),
    ...endpoints
      .filter(({ interfaces: names }) => names.length === 0)
      .map(({ name, state }) => ({
        what: `HostEndpoint ${name}`,
        why: `governs no interface of this host (${state})`,
      })),
  ];
}

async function save(file: string, text: string): Promise<void> {
  try {
    // Says what is open on this host.
    await writeFile(file, text, { mode: 0o600 });
  } catch (thrown) {
    const error = toError(thrown);
    throw new CtlError(EXIT.failed, `--file: cannot write ${file}: ${error.message}`, thrown);
  }
}
