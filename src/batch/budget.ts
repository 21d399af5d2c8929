// Owns: one limit of a whole run (dollars, or turns) shared by workers that run side by side.
// Promises: a worker starts only when its reservation fits in what is left: the limit less what was spent less what others hold.
// A reservation is 1.5 times the running mean of its kind (its model), at most its own limit; while no task of the kind has
// ended it is everything that is left, so one of them runs alone. A worker whose next reply would not fit gets more if it is
// there, else it is ended. So the limit is passed by no more than what one reply costs beyond the one before it.
// Never: ends a worker itself.

export type BudgetRules = {
  readonly limit: number;
  readonly spent: number;
  /** What the next reply of a worker may need, from what its last one took. */
  readonly next: (last: number) => number;
};

type Held = { readonly kind: string; reserved: number; used: number };

const weight = 0.3;
const margin = 1.5;

export class Budget {
  readonly #limit: number;
  readonly #next: BudgetRules['next'];
  readonly #held = new Map<string, Held>();
  readonly #means = new Map<string, number>();
  #spent: number;

  constructor({ limit, spent, next }: BudgetRules) {
    this.#limit = limit;
    this.#spent = spent;
    this.#next = next;
  }

  get spent(): number {
    return this.#spent;
  }

  /** What nobody holds and nobody spent. */
  get left(): number {
    const held = [...this.#held.values()].reduce((sum, { reserved, used }) => sum + Math.max(0, reserved - used), 0);
    return this.#limit - this.#spent - held;
  }

  /** False: not now, or, with nobody running, not at all. */
  reserve(id: string, kind: string, own: number | undefined): boolean {
    const { left } = this;
    const mean = this.#means.get(kind);
    const wanted = Math.min(mean === undefined ? Infinity : mean * margin, own ?? Infinity);
    const alone = this.#held.size === 0;
    if (left <= 0 || (left < wanted && !alone)) return false;
    if (alone && mean !== undefined && left < Math.min(mean, own ?? Infinity)) return false;
    this.#held.set(id, { kind, reserved: Math.min(wanted, left), used: 0 });
    return true;
  }

  /** A reply was paid for. False: the worker must not ask for another. */
  spend(id: string, amount: number, asksAgain: boolean): boolean {
    this.#spent += amount;
    const held = this.#held.get(id);
    if (held === undefined) return this.#spent < this.#limit;
    held.used += amount;
    const more = held.used + (asksAgain ? this.#next(amount) : 0) - held.reserved;
    if (!asksAgain || more <= 0) return true;
    if (more > this.left) return false;
    held.reserved += more;
    return true;
  }

  /** `whole`: it ended by itself, so what it took is what a task of its kind takes. */
  release(id: string, whole: boolean): void {
    const held = this.#held.get(id);
    this.#held.delete(id);
    if (held === undefined || !whole) return;
    const mean = this.#means.get(held.kind);
    this.#means.set(held.kind, mean === undefined ? held.used : mean + weight * (held.used - mean));
  }
}
