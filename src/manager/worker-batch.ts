// Owns: which workers a wait without arguments speaks of.
// Promises: a batch stays readable until the next one begins: only a spawn or resume after a wait that reported
// everything as ended starts a new one.

export class WorkerBatch {
  #ids = new Set<string>();
  #reported = false;

  get ids(): readonly string[] {
    return [...this.#ids];
  }

  /** A spawn or resume joined. */
  add(workerId: string): void {
    if (this.#reported) {
      this.#ids = new Set();
      this.#reported = false;
    }
    this.#ids.add(workerId);
  }

  /** A wait returned these workers with nothing running or pending. */
  reportedAll(workerIds: readonly string[]): void {
    if (workerIds.length === this.#ids.size) this.#reported = true;
  }
}
