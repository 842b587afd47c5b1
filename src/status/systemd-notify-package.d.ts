// The package carries no types.
declare module 'systemd-notify' {
  interface Options {
    readonly ready?: boolean;
    readonly status?: string;
    readonly pid?: number;
  }
  /** Runs systemd-notify(1) once; resolves when it has exited with 0. */
  const notify: (options: Options) => Promise<unknown>;
  export = notify;
}
