/** What one run of rampartctl came to. */
export interface CtlRun {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs rampartctl in this process; with `columns` on a terminal of that width. */
export async function ctl(args: readonly string[], columns?: number): Promise<CtlRun> {
  // Loaded as the commands are, so that both have the same classes of errors.
  const { runCtl } = await import('../../../daemon/ctl/run.ts');
  let out = '';
  let err = '';
  const exitCode = await runCtl(args, {
    out: {
      isTTY: columns !== undefined,
      columns,
      write: (text) => {
        out += text;
      },
    },
    err: {
      write: (text) => {
        err += text;
      },
    },
    environment: {},
  });
  return { exitCode, out, err };
}
