import { MemoryNftables } from '../../src/nftables-json/memory-nftables.ts';
import type { TableInventory } from '../../src/ruleset/transaction.ts';

/** Nftables without a kernel whose next answer to `read` can be kept on its way. */
export class HeldNftables extends MemoryNftables {
  #isHolding = false;
  #release: () => void = () => undefined;
  #onHeld: () => void = () => undefined;

  /** The next `read` looks at the table, and answers when `release` is called. Resolves once it has looked. */
  hold(): Promise<void> {
    this.#isHolding = true;
    return new Promise((resolve) => {
      this.#onHeld = resolve;
    });
  }

  release(): void {
    this.#release();
  }

  override async read(): Promise<TableInventory | null> {
    const isHeld = this.#isHolding;
    this.#isHolding = false;
    const inventory = await super.read();
    if (!isHeld) return inventory;
    const released = new Promise<void>((resolve) => {
      this.#release = resolve;
    });
    this.#onHeld();
    await released;
    return inventory;
  }
}
