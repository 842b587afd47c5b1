import { formatProblem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import type { Logger } from '../base/logger.ts';

/**
 * The present problems, by where they come from. Each one is logged once when it appears and once when
 * it is gone; reporting the same problem again is silent.
 */
export class ProblemBook {
  readonly #logger: Logger;
  readonly #byOrigin = new Map<string, readonly Problem[]>();
  #version = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Differs whenever a problem came or went. */
  get version(): number {
    return this.#version;
  }

  /** Replaces the problems of `origin` (an object's name, or a part of the program). */
  report(origin: string, problems: readonly Problem[]): void {
    // The rule, where names come by the hundred thousand: not looked up.
    if (problems.length === 0 && this.#byOrigin.size === 0) return;
    const before = this.#byOrigin.get(origin) ?? [];
    if (before.length === 0 && problems.length === 0) return;
    const known = new Set(before.map(formatProblem));
    const present = new Set(problems.map(formatProblem));
    const came = problems.filter((problem) => !known.has(formatProblem(problem)));
    const gone = before.filter((problem) => !present.has(formatProblem(problem)));
    this.#version += came.length + gone.length;
    for (const problem of came) this.#log(problem);
    for (const problem of gone) this.#logger.info({ ...problem }, 'problem solved');
    if (problems.length === 0) this.#byOrigin.delete(origin);
    else this.#byOrigin.set(origin, problems);
  }

  /** All of them, in no particular order. */
  all(): readonly Problem[] {
    return [...this.#byOrigin.values()].flat();
  }

  #log(problem: Problem): void {
    const line = formatProblem(problem);
    if (problem.severity === 'error') this.#logger.error({ ...problem }, line);
    else this.#logger.warn({ ...problem }, line);
  }
}
