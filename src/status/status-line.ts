import type { DaemonStatus } from './status-snapshot.ts';

/** The state in one line, most urgent first, for `systemctl status`. */
export function formatStatusLine(status: DaemonStatus): string {
  return [
    formatRules(status),
    formatDatastore(status),
    formatError(status),
    formatEndpoints(status),
    count(status.alarms.length, 'alarm'),
    count(status.problems.length, 'problem'),
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function formatRules(status: DaemonStatus): string {
  switch (status.rulesInForce) {
    case 'none':
      return 'Starting: no rules in force yet';
    case 'boot':
      return 'Boot rules in force';
    case 'last-good':
      return 'Last good rules in force';
    case 'flushed':
      return 'Flushed by an operator: this host is open';
    case 'current':
      return status.inSync ? 'In sync' : 'Last synced rules in force';
  }
}

function formatDatastore({ datastore, inSync }: DaemonStatus): string {
  if (!datastore.connected) {
    return `${datastore.type} out of reach since ${new Date(datastore.since).toISOString()}`;
  }
  if (datastore.type === 'etcdv3' && datastore.ready === false) {
    return 'frozen: ClusterInformation default does not say datastoreReady';
  }
  return inSync
    ? `${datastore.type} revision ${datastore.revision}`
    : `waiting for ${datastore.type}`;
}

function formatError({ lastApply }: DaemonStatus): string {
  const error = lastApply?.error ?? null;
  return error === null ? '' : `last apply failed: ${firstLine(error)}`;
}

// nft's errors go on for several lines; STATUS= is one.
function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]?.slice(0, 200) ?? '';
}

function formatEndpoints({ endpoints, counts }: DaemonStatus): string {
  if (endpoints.length === 0) return 'no host endpoint for this host';
  const troubled = endpoints.filter(({ state }) => state !== 'up');
  const states =
    troubled.length === 0
      ? ''
      : ` (${troubled.map(({ name, state }) => `${name} ${state}`).join(', ')})`;
  return `${count(endpoints.length, 'endpoint')}${states}, ${countPolicies(counts.activePolicies)}`;
}

function countPolicies(number: number): string {
  return number === 1 ? '1 policy' : `${number} policies`;
}

function count(number: number, thing: string): string {
  if (number === 0) return '';
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
