import type { Judge } from './refused-flow.ts';

/**
 * What packets meet now, worked out once for as long as nothing is written. `read` may throw while nothing is in force.
 */
export class JudgeInForce {
  readonly #read: () => Judge;
  #judge: Judge | null = null;
  #turn: Promise<void> = Promise.resolve();
  #endTurn: () => void = () => undefined;

  constructor(read: () => Judge) {
    this.#read = read;
  }

  /** A transaction may be under way from now on. */
  turning(): void {
    this.#endTurn();
    this.#turn = new Promise((resolve) => {
      this.#endTurn = resolve;
    });
  }

  /** It is over; `isChanged`: the kernel holds something else than before. */
  turned(isChanged: boolean): void {
    if (isChanged) this.#judge = null;
    this.#endTurn();
  }

  /** The same object until something is written. Rejects with what `read` throws. */
  async get(): Promise<Judge> {
    await this.#turn;
    return (this.#judge ??= this.#read());
  }
}
