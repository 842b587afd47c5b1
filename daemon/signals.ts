/** The signals that arrived since `listenForSignals` was called; none of them ends the process any more. */
export interface Signals {
  /** The first SIGTERM or SIGINT. */
  readonly stop: Promise<string>;
  /** The second one: somebody is in a hurry. */
  readonly hurry: Promise<string>;
  /** Has SIGHUP call `reload`; one that arrived before calls it now. */
  onReload(reload: () => void): void;
}

/** Call it once, before anything that must not be cut short. */
export function listenForSignals(): Signals {
  let isDue = false;
  let reload = (): void => {
    isDue = true;
  };
  process.on('SIGHUP', () => {
    reload();
  });
  const stop = nextSignal();
  return {
    stop,
    hurry: stop.then(nextSignal),
    onReload: (listener) => {
      reload = listener;
      if (isDue) listener();
    },
  };
}

// Listeners stay: without any a signal ends the process.
function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
  });
}
