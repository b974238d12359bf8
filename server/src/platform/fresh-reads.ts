/**
 * Many who want to know the same at the same time, and each as it stands when it asks. A read that is under way began before
 * and may not show it; so whoever comes meanwhile waits for the next one, and all of them share that.
 */
export class FreshReads<Value> {
  private readonly open = new Map<string, OpenRead<Value>>();

  /** @returns what a read says that began when or after this was called */
  get(key: string, read: () => Promise<Value>): Promise<Value> {
    const open = this.open.get(key);
    if (!open) return this.begin(key, read);
    return (open.next ??= open.running.then(
      () => this.begin(key, read),
      () => this.begin(key, read),
    ));
  }

  private begin(key: string, read: () => Promise<Value>): Promise<Value> {
    const open: OpenRead<Value> = { running: read(), next: null };
    this.open.set(key, open);
    const ended = (): void => {
      if (open.next === null) this.open.delete(key);
    };
    open.running.then(ended, ended);
    return open.running;
  }
}

interface OpenRead<Value> {
  readonly running: Promise<Value>;
  next: Promise<Value> | null;
}
