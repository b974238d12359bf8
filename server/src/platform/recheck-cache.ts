/**
 * Remembers what the database said for a short time, so that a principal is not looked up with every request but a
 * change on another server still counts soon. Bounded: the oldest entry goes first. Absent things are not remembered
 * (else a flood of invented keys would push out the real ones).
 */
export class RecheckCache<Value> {
  private readonly entries = new Map<string, { readonly value: Value; readonly until: number }>();
  private readonly loading = new Map<string, Promise<Value | null>>();

  constructor(
    private readonly load: (key: string) => Promise<Value | null>,
    private readonly keepMs: number,
    private readonly nowMs: () => number = () => performance.now(),
    private readonly maxEntries = 10_000,
  ) {}

  async get(key: string): Promise<Value | null> {
    const entry = this.entries.get(key);
    if (entry !== undefined && entry.until > this.nowMs()) return entry.value;
    const running = this.loading.get(key);
    if (running !== undefined) return running;
    const loading = this.reload(key);
    this.loading.set(key, loading);
    try {
      return await loading;
    } finally {
      if (this.loading.get(key) === loading) this.loading.delete(key);
    }
  }

  /** Something about it changed here: whoever asks from now on gets a fresh answer. */
  forget(key: string): void {
    this.entries.delete(key);
    this.loading.delete(key);
  }

  private async reload(key: string): Promise<Value | null> {
    const startedAt = this.nowMs();
    const value = await this.load(key);
    // forgotten while loading: the answer may be from before the change
    const forgotten = !this.loading.has(key);
    this.entries.delete(key);
    if (value !== null && !forgotten) {
      this.entries.set(key, { value, until: startedAt + this.keepMs });
      if (this.entries.size > this.maxEntries) this.entries.delete(this.entries.keys().next().value!);
    }
    return value;
  }
}
