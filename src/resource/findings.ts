import type { Problem, Severity } from '../base/problem.ts';

/** Collects what is wrong with one object while it is read; every field is reported once. */
export class Findings {
  readonly problems: Problem[] = [];
  readonly #object: string;

  /** `object` as `resourceName` prints it. */
  constructor(object: string) {
    this.#object = object;
  }

  /** The object, or this part of it, is not honoured. */
  error(code: string, field: string, message: string): void {
    this.#add('error', code, field, message);
  }

  /** It is honoured, but the operator should know. */
  warn(code: string, field: string, message: string): void {
    this.#add('warning', code, field, message);
  }

  #add(severity: Severity, code: string, field: string, message: string): void {
    this.problems.push({ severity, code, object: this.#object, field, message });
  }
}

/** Reports a breach of a write-time rule: a code, the field, and what to write instead. */
export type Refuse = (code: string, field: string, message: string) => void;
