// Owns: how many workers run at once. First come, first served; one that comes back from a permission goes first.
// Promises: a slot is never lost: acquire either resolves with the slot or rejects without it.
// Never: refuses: beyond the cap callers wait.

type Waiter = { readonly grant: () => void; readonly first: boolean };

export class Slots {
  #free: number;
  readonly #waiters: Waiter[] = [];

  constructor(cap: number) {
    this.#free = cap;
  }

  /** Rejects with the signal's reason when aborted before a slot was free. */
  acquire(signal: AbortSignal, first = false): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(signal.reason);
      };
      const grant = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const waiter: Waiter = { grant, first };
      signal.addEventListener('abort', abort, { once: true });
      const behind = first ? this.#waiters.findIndex((other) => !other.first) : -1;
      if (behind === -1) this.#waiters.push(waiter);
      else this.#waiters.splice(behind, 0, waiter);
    });
  }

  release(): void {
    const next = this.#waiters.shift();
    if (next === undefined) this.#free += 1;
    else next.grant();
  }
}
