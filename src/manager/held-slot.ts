// Owns: one worker's slot: held while it works, given to another while it waits for a person or for workers of its own.
// Promises: several waits at once give it away once; after the last it is taken again, first in line; nothing is taken after the end.
// Never: holds two.
import type { Slots } from './slots.ts';

export class HeldSlot {
  readonly #slots: Slots;
  readonly #signal: AbortSignal;
  #held = false;
  #away = 0;

  constructor(slots: Slots, signal: AbortSignal) {
    this.#slots = slots;
    this.#signal = signal;
  }

  async take(first = false): Promise<void> {
    if (this.#held) return;
    await this.#slots.acquire(this.#signal, first);
    this.#held = true;
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#slots.release();
  }

  async whileAway<T>(wait: () => Promise<T>): Promise<T> {
    this.#away += 1;
    this.release();
    try {
      return await wait();
    } finally {
      this.#away -= 1;
      if (this.#away === 0 && !this.#signal.aborted) await this.take(true);
    }
  }
}
