import { protocolName } from '../../../src/net/protocol.ts';
import type { StagedAnswer, StagedFlowView, StagedView } from '../../../src/control/wire.ts';
import { EXIT } from '../../exit-codes.ts';
import type { Call } from '../command.ts';
import { unknownName } from '../ctl-error.ts';
import type { Output } from '../output.ts';
import { formatTable } from '../table.ts';
import { askDaemon } from './ask-daemon.ts';

const HEADER = ['STAGED POLICY', 'ACTION', 'JUDGED', 'WOULD DENY', 'WOULD ALLOW', 'SINCE'];
const FLOWS = ['TIME', 'FLOW', 'INTERFACE', 'NOW', 'THEN', 'BY'];

/** `rampartctl staged [NAME]`: what staged policies would change, or the flows of one. */
export async function run({ args: [name], output }: Call): Promise<number> {
  const answer = await askDaemon((client) => client.staged(), '');
  const doubt = doubtOf(answer);
  if (doubt !== null) output.note(`${output.paint('yellow', 'warning:')} ${doubt}`);
  if (name === undefined) await output.print(answer, () => tallyText(answer, output));
  else {
    const one = findPolicy(answer, name);
    await output.print(one, () => flowsText(one, output));
  }
  return EXIT.ok;
}

function findPolicy({ policies }: StagedAnswer, name: string): StagedView {
  const plain = policies.map((one) => bareName(one.name));
  const found = policies.find((one) => one.name === name || bareName(one.name) === name);
  if (found !== undefined) return found;
  throw unknownName('staged policy', name, plain);
}

function doubtOf({ error, notJudged }: StagedAnswer): string | null {
  if (error !== null) return `the flows of this host could not be read: ${error}`;
  return notJudged === 0 ? null : `${notJudged} flows were seen and not judged (docs/observe.md)`;
}

function tallyText({ policies, together }: StagedAnswer, { columns }: Output): string {
  if (policies.length === 0) return 'no staged policy concerns this host';
  const rows = policies.map((one) => [bareName(one.name), one.action, ...counts(one)]);
  const all = together === null ? [] : [['all together', '', ...counts(together)]];
  return formatTable(HEADER, [...rows, ...all], columns);
}

function counts(one: StagedView): readonly string[] {
  if (!one.evaluated) return ['-', '-', '-', 'not evaluated'];
  return [String(one.judged), String(one.allowToDeny), String(one.denyToAllow), one.since];
}

function flowsText(one: StagedView, { columns }: Output): string {
  const { name, action, tier, judged, allowToDeny, denyToAllow, since, examples } = one;
  const title = `${name} (${action}, tier ${tier})`;
  if (!one.evaluated) return `${title}: not evaluated`;
  const summary = `${title}: of ${judged} flows since ${since} it would deny ${allowToDeny} and allow ${denyToAllow}`;
  if (examples.length === 0) return summary;
  return `${summary}\n\n${formatTable(FLOWS, examples.map(flowRow), columns)}`;
}

function flowRow(flow: StagedFlowView): readonly string[] {
  const { at, protocol, iifname, oifname, now, then } = flow;
  const ends = `${end(flow.source, flow.sourcePort)} to ${end(flow.destination, flow.destinationPort)}`;
  const interfaces = [iifname, oifname].filter((one) => one !== '').join(' to ');
  return [at, `${protocolName(protocol)} ${ends}`, interfaces, now.verdict, then.verdict, then.by];
}

function end(address: string, port: number | null): string {
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function bareName(name: string): string {
  return name.replace(/^StagedGlobalNetworkPolicy /, '');
}
