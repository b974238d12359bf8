/** The other servers that are there, by what the database and their own messages tell. */
export class Peers {
  private readonly seenAtMs = new Map<string, number>();

  /** @param aliveForMs a server that is not heard of for longer is gone */
  constructor(
    private readonly aliveForMs: number,
    private readonly nowMs: () => number,
  ) {}

  get count(): number {
    return this.seenAtMs.size;
  }

  /** @returns whether it was not known */
  saw(id: string): boolean {
    const isNew = !this.seenAtMs.has(id);
    this.seenAtMs.set(id, this.nowMs());
    return isNew;
  }

  /** @returns whether it was known */
  forget(id: string): boolean {
    return this.seenAtMs.delete(id);
  }

  /** @returns those that are gone now */
  dropSilent(): string[] {
    const oldestMs = this.nowMs() - this.aliveForMs;
    const silent = [...this.seenAtMs].filter(([, atMs]) => atMs < oldestMs).map(([id]) => id);
    for (const id of silent) this.seenAtMs.delete(id);
    return silent;
  }
}
