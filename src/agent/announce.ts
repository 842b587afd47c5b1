/** Who is to be told, as long as it is known. */
export interface Announce {
  first: () => void;
  change: () => void;
}

/** What those who wait outside are told by. */
export interface Announced {
  readonly announce: Announce;
  /** Something in the status may have changed. */
  readonly changed: () => void;
  /** Resolves when `announce.first` is called. */
  readonly applied: Promise<void>;
  /** Sets who is told that something in the status may have changed. */
  onChange(listener: () => void): void;
}

/** Tells nobody yet. */
export function createAnnounce(): Announced {
  const announce: Announce = { first: () => undefined, change: () => undefined };
  return {
    announce,
    changed: () => {
      announce.change();
    },
    applied: new Promise<void>((resolve) => {
      announce.first = resolve;
    }),
    onChange: (listener) => {
      announce.change = listener;
    },
  };
}
