import type { HistoryRecord, ObjectChange, RuleUse } from './history.ts';
import type { Cell, Reachability } from './reachability.ts';
import type { Report } from './report.ts';

/** A part of a report, whatever it is printed as; texts are not escaped. */
export interface Section {
  readonly title: string;
  readonly intro: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Says that there is nothing, instead of a table without rows. */
  readonly none: string;
  /** What a picture shows; null: none. */
  readonly picture: Reachability | null;
}

const CELLS: Readonly<Record<Cell, string>> = {
  allow: 'allow',
  deny: 'deny',
  partly: 'partly',
  nobody: '–',
};

/** All parts of a report, in the order of reading. */
export function sectionsOf(report: Report): readonly Section[] {
  const { since } = report;
  const period = since === null ? 'as far back as the history goes' : `since ${moment(since)}`;
  const known = since === null ? 'since Rampart first looked at them' : period;
  return [
    table('Alarms', '', ['Alarm', 'Since', 'Message'], {
      rows: report.alarms.map((one) => [one.code, moment(one.since), one.message]),
      none: 'There are no alarms.',
    }),
    table('Without protection', '', ['What', 'Why'], {
      rows: report.unprotected.map(({ what, why }) => [what, why]),
      none: 'Every interface with addresses is governed by a host endpoint.',
    }),
    ...report.reachability.map(reachabilitySection),
    table('Policies in force', `Hash of everything: ${report.host.policyHash}`, POLICIES, {
      rows: report.policies.map(({ name, tier, hash }) => [name, tier, hash]),
      none: 'No policy is in force on this host.',
    }),
    table('Changes', `Newest first, ${period}. Who made them is not known.`, CHANGES, {
      rows: [...report.changes].reverse().map(changeRow),
      none: 'Nothing changed.',
    }),
    table('Allowed, but never seen', `Allow rules that no packet has used ${known}.`, RULES, {
      rows: report.neverSeen.map(ruleRow),
      none: 'Every Allow rule has been used.',
    }),
    table('Other rules never hit', `Rules that no packet has hit ${known}.`, RULES, {
      rows: report.neverHit.map(ruleRow),
      none: 'Every other rule has been hit.',
    }),
  ];
}

const POLICIES = ['Policy', 'Tier', 'Hash'];
const CHANGES = ['When', 'Revision', 'Objects', 'What it meant here'];
const RULES = ['Policy', 'Direction', 'Rule', 'Looked at since', 'Last hit'];

/** A moment as people read it: to the second, in UTC. */
export function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** `Who may reach …`, for tables and pictures. */
export function reachabilityTitle({ endpoint, interfaces, direction }: Reachability): string {
  const where = `HostEndpoint ${endpoint} (${interfaces.join(', ')})`;
  return direction === 'ingress'
    ? `Who may reach this host: ${where}`
    : `What this host may reach: ${where}`;
}

function table(
  title: string,
  intro: string,
  header: readonly string[],
  { rows, none }: Pick<Section, 'rows' | 'none'>,
): Section {
  return { title, intro, header, rows, none, picture: null };
}

function reachabilitySection(reach: Reachability): Section {
  const { peers, services, cells, packets, problem, direction } = reach;
  const whom = direction === 'ingress' ? 'From' : 'To';
  return {
    title: reachabilityTitle(reach),
    intro: `New connections, without replies and routed traffic. Found by evaluating ${packets} packets. "partly": some addresses of the group, or some packets, pass and others do not; "–": the group has no address.`,
    header: [whom, ...services.map(({ label }) => label)],
    rows: peers.map(({ label }, row) => [label, ...(cells[row] ?? []).map((one) => CELLS[one])]),
    none: problem ?? '',
    picture: problem === null ? reach : null,
  };
}

function changeRow(record: HistoryRecord): readonly string[] {
  const { at, revision, objects } = record;
  return [moment(at), String(revision), objects.map(objectText).join('; '), meaning(record)];
}

function objectText({ name, change }: ObjectChange): string {
  return change === '' ? name : `${name} ${change}`;
}

function meaning(record: HistoryRecord): string {
  if (record.kind === 'members') {
    const sets = record.sets.map((one) => `${one.description}: ${one.before} → ${one.after}`);
    return `members of sets in ${record.turns} turns: ${sets.join('; ')}`;
  }
  const { rulesAdded, rulesRemoved } = record;
  const words = [
    ...rulesAdded.map((rule) => `+ ${rule}`),
    ...rulesRemoved.map((rule) => `− ${rule}`),
  ];
  return words.length === 0 ? 'the same rules in another place' : words.join('; ');
}

function ruleRow({
  policy,
  direction,
  index,
  action,
  text,
  firstSeen,
  lastHit,
}: RuleUse): readonly string[] {
  const since = firstSeen === null ? '' : moment(firstSeen);
  const hit = lastHit === null ? 'never' : moment(lastHit);
  return [policy, direction, `[${index}] ${action} ${text}`, since, hit];
}
