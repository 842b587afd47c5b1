/**
 * `error`: an object or a part of it is not honoured. `warning`: it is honoured, but the operator
 * should know something about it.
 */
export type Severity = 'error' | 'warning';

/**
 * Something wrong with data, told to people: which object, which field, what to do. Pure rooms
 * return problems instead of throwing; they end up in status, metrics and log.
 */
export interface Problem {
  readonly severity: Severity;
  /** A stable word for machines, kebab-case, such as `selector-invalid`. */
  readonly code: string;
  /** The object, as `resourceName` prints it: `GlobalNetworkPolicy allow-ssh`. */
  readonly object: string;
  /** Path of the field inside the object, such as `spec.ingress[2].source.nets[0]`; empty for the whole. */
  readonly field: string;
  /** What is wrong and what to write instead, one sentence or two. */
  readonly message: string;
}

/** One line for a log or a terminal. */
export function formatProblem(problem: Problem): string {
  const where = problem.field === '' ? problem.object : `${problem.object}: ${problem.field}`;
  return `${where}: ${problem.message}`;
}
