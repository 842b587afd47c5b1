import { connect } from 'node:net';

const ANSWER_MS = 2_000;

/**
 * Whether a new connection to any of the URLs is accepted. What is established outlives rules that no longer
 * let it begin, so that only a new connection shows whether this host can still reach its datastore.
 */
export async function isDatastoreReachable(endpoints: readonly string[]): Promise<boolean> {
  const answers = await Promise.all(endpoints.map(accepts));
  return answers.includes(true);
}

function accepts(endpoint: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(endpoint);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const usual = protocol === 'https:' ? 443 : 80;
    const socket = connect({ host, port: port === '' ? usual : Number(port) });
    const answer = (isAccepted: boolean) => () => {
      socket.destroy();
      resolve(isAccepted);
    };
    socket.setTimeout(ANSWER_MS, answer(false));
    socket.once('error', answer(false));
    socket.once('connect', answer(true));
  });
}
