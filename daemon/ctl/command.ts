import type { Format, Output } from './output.ts';

/** What the command line said, for the command that runs. */
export interface Call {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly output: Output;
}

/** Runs a command and answers its exit code. Throws CtlError for what the operator can mend. */
export type Run = (call: Call) => Promise<number>;

export interface OptionSpec {
  /** As commander reads it: `--node <name>`. */
  readonly flags: string;
  readonly about: string;
  /** May be given several times; its values are a list. */
  readonly repeats?: true;
  readonly required?: true;
  /** The only values allowed. */
  readonly choices?: readonly string[];
}

/** A command line that works, and what it is good for; a test runs each. */
export interface Example {
  readonly line: string;
  readonly about: string;
}

/** A command as data: help, completion and the man page are made from it. */
export interface CommandSpec {
  readonly name: string;
  /** `<required>`, `[optional]`, `<several...>`. */
  readonly args: string;
  readonly summary: string;
  /** What one line does not say; empty when it says all. */
  readonly details: string;
  readonly options: readonly OptionSpec[];
  /** What `-o` takes, the default first; absent: a table, JSON or YAML. */
  readonly formats?: readonly Format[];
  readonly examples: readonly Example[];
  /** Exit codes that mean something of their own in this command. */
  readonly exits: readonly (readonly [code: number, meaning: string])[];
  /** Loads what runs it: nothing is loaded for a command that is not asked for. */
  load(): Promise<{ readonly run: Run }>;
}
