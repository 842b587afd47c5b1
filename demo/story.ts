import { DECIDER } from './decider.ts';
import { type Change, undone } from './change.ts';
import * as manifest from './manifests.ts';
import { allowed, denied, kept, ping, type Row, tcp, udp, v6, type Way } from './row.ts';

/** What happens next. Tables marked `logged` also show what the Log rules wrote meanwhile. */
export type Step =
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'apply'; readonly change: Change }
  | { readonly kind: 'open-session'; readonly row: Row }
  | { readonly kind: 'table'; readonly rows: readonly Row[]; readonly logged?: true }
  | { readonly kind: 'edit-under-traffic'; readonly change: Change; readonly stops: Row }
  | { readonly kind: 'kill' }
  | { readonly kind: 'return'; readonly rows: readonly Row[] };

/** A part of the story with a heading. */
export interface Act {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** The policy that logs. */
export const QUARANTINE = 'security-operations.quarantine';
const POSTGRES = tcp(5432);
const IN: Way = ['app-1', 'db-1'];
const STRANGER: Way = ['outsider', 'db-1'];
const OUT: Way = ['db-1', 'app-1'];

const appRule = DECIDER.rule('db-from-app', 'ingress', 0);
const outRule = DECIDER.rule('db-from-app', 'egress', 0);
const quarantineIn = DECIDER.rule(QUARANTINE, 'ingress', 1);
const quarantineOut = DECIDER.rule(QUARANTINE, 'egress', 1);
const endOfDefault = DECIDER.endOfTier('default');

const session = kept(IN, POSTGRES, DECIDER.established);
const appIn = allowed(IN, POSTGRES, appRule);
const appIn6 = allowed(IN, v6(POSTGRES), appRule);
const strangerIn = denied(STRANGER, POSTGRES, endOfDefault);
const ssh = allowed(STRANGER, tcp(22), DECIDER.failsafe);
const out = allowed(OUT, tcp(8443), outRule);

const quarantined: readonly Row[] = [
  denied(IN, POSTGRES, quarantineIn),
  denied(IN, v6(POSTGRES), quarantineIn),
  denied(STRANGER, POSTGRES, quarantineIn),
  denied(OUT, tcp(8443), quarantineOut),
  ssh,
  session,
];
const flowing: readonly Row[] = [appIn, appIn6, out, strangerIn];

const say = (text: string): Step => ({ kind: 'say', text });
const apply = (change: Change): Step => ({ kind: 'apply', change });
const table = (...rows: readonly Row[]): Step => ({ kind: 'table', rows });
const loggedTable = (...rows: readonly Row[]): Step => ({ kind: 'table', rows, logged: true });

/** The demo, from a host without policy to a daemon that was killed. */
export const STORY: readonly Act[] = [
  {
    title: 'No host endpoint: Rampart runs, and filters nothing',
    steps: [
      table(
        allowed(IN, POSTGRES, DECIDER.nobody),
        allowed(STRANGER, POSTGRES, DECIDER.nobody),
        allowed(STRANGER, v6(POSTGRES), DECIDER.nobody),
        allowed(['db-1', 'outsider'], tcp(8443), DECIDER.nobody),
      ),
    ],
  },
  {
    title: 'A host endpoint and a policy: only app-1 reaches the database',
    steps: [
      apply(manifest.HOST_ENDPOINTS),
      say('A host endpoint denies what no policy allows; failsafe ports stay open:'),
      table(denied(IN, POSTGRES, DECIDER.endpoint('db-1-eth0')), ssh),
      apply(manifest.DB_FROM_APP),
      table(
        appIn,
        appIn6,
        strangerIn,
        denied(STRANGER, v6(POSTGRES), endOfDefault),
        denied(IN, tcp(5433), endOfDefault),
        denied(STRANGER, ping, endOfDefault),
        ssh,
        out,
        denied(['db-1', 'outsider'], tcp(8443), endOfDefault),
        allowed(['db-1', 'outsider'], udp(53), DECIDER.failsafe),
      ),
    ],
  },
  {
    title: 'The policy is edited while traffic flows',
    steps: [
      say('app-1 opens a connection and keeps it. New ones it makes as fast as it can, meanwhile:'),
      { kind: 'open-session', row: session },
      { kind: 'edit-under-traffic', change: manifest.OTHER_PORT, stops: appIn },
      table(denied(IN, POSTGRES, endOfDefault), allowed(IN, tcp(5433), appRule), session),
      say('And back:'),
      apply(undone(manifest.OTHER_PORT)),
      table(appIn, denied(IN, tcp(5433), endOfDefault)),
    ],
  },
  {
    title: 'Quarantine in tier default',
    steps: [
      apply(manifest.QUARANTINE_POLICY),
      say('It selects nobody yet, so nothing changes. Now the running host endpoint is labelled:'),
      apply(manifest.LABEL),
      loggedTable(...quarantined),
      say(
        'New connections stop, both ways. SSH is a failsafe port; a connection that was there stays.',
      ),
      say('The label goes, traffic flows:'),
      apply(undone(manifest.LABEL)),
      table(...flowing),
      say(
        'Within a tier the lowest order decides. Somebody gives the allow a lower order than 200:',
      ),
      apply(manifest.LOWER_ORDER),
      apply(manifest.LABEL),
      table(appIn, out, denied(STRANGER, POSTGRES, quarantineIn)),
      say('The allow, order 100, is asked before the quarantine, order 200: app-1 is not stopped.'),
    ],
  },
  {
    title: 'Quarantine in a tier of its own, before the others',
    steps: [
      apply(manifest.SECURITY_TIER),
      apply(manifest.QUARANTINE_IN_TIER),
      loggedTable(...quarantined),
      say(
        'The allow still has order 100, but its tier is asked later: it no longer defeats anything.',
      ),
      say(
        'The label goes, traffic flows: a tier without a policy for the endpoint is passed over.',
      ),
      apply(undone(manifest.LABEL)),
      table(...flowing, session),
    ],
  },
  {
    title: 'The daemon is killed: the rules stay',
    steps: [
      { kind: 'kill' },
      table(appIn, strangerIn, ssh, out, session),
      { kind: 'return', rows: [appIn, strangerIn] },
      table(appIn, strangerIn, session),
    ],
  },
];
