/**
 * Remembers what the database said for a short time, so that a principal is not looked up with every request but a
 * change on another server still counts soon. Bounded: the oldest entry goes first. Absent things are not remembered
 * (else a flood of invented keys would push out the real ones).
 */
export class RecheckCache<Value> {
  private readonly entries = new Map<string, { readonly value: Value; readonly until: number }>();
  private readonly loading = new Map<string, Loading<Value>>();

  constructor(
    private readonly load: (key: string) => Promise<Value | null>,
    private readonly keepMs: number,
    private readonly nowMs: () => number = () => performance.now(),
    private readonly maxEntries = 10_000,
  ) {}

  get(key: string): Promise<Value | null> {
    const entry = this.entries.get(key);
    if (entry !== undefined && entry.until > this.nowMs()) return Promise.resolve(entry.value);
    return (this.loading.get(key) ?? this.begin(key)).answer;
  }

  /** Something about it changed here: whoever asks from now on gets a fresh answer. */
  forget(key: string): void {
    this.entries.delete(key);
    this.loading.delete(key);
  }

  private begin(key: string): Loading<Value> {
    const startedAt = this.nowMs();
    const loading: Loading<Value> = {
      answer: this.load(key)
        .then((value) => {
          // forgotten while it loaded: the answer may be from before the change
          if (this.loading.get(key) === loading) this.remember(key, value, startedAt + this.keepMs);
          return value;
        })
        .finally(() => {
          if (this.loading.get(key) === loading) this.loading.delete(key);
        }),
    };
    this.loading.set(key, loading);
    return loading;
  }

  private remember(key: string, value: Value | null, until: number): void {
    this.entries.delete(key);
    if (value === null) return;
    this.entries.set(key, { value, until });
    if (this.entries.size > this.maxEntries) this.entries.delete(this.entries.keys().next().value!);
  }
}

interface Loading<Value> {
  readonly answer: Promise<Value | null>;
}
