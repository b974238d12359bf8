/**
 * Requests that are held open on purpose (waiting for a job, following a log). Each ends with its client, with its own
 * time, or with the server: a server that waits for them would never stop.
 *
 * By hand instead of AbortSignal.any(), whose dependants of a signal as long-lived as the server pile up in Node 20.
 */
export class OpenRequests {
  private readonly open = new Set<AbortController>();
  private closed = false;

  /**
   * @param gone aborted when the client has left
   * @param atMostMs null: as long as the client stays
   */
  begin(gone: AbortSignal, atMostMs: number | null = null): { readonly signal: AbortSignal; end(): void } {
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    const timer = atMostMs === null ? undefined : setTimeout(abort, atMostMs);
    gone.addEventListener('abort', abort);
    this.open.add(controller);
    if (gone.aborted || this.closed) abort();
    const end = (): void => {
      clearTimeout(timer);
      gone.removeEventListener('abort', abort);
      this.open.delete(controller);
    };
    return { signal: controller.signal, end };
  }

  endAll(): void {
    this.closed = true;
    this.open.forEach((controller) => controller.abort());
  }

  get count(): number {
    return this.open.size;
  }
}
