/** Where a peer keeps its jobs. */
export interface PeerStore {
  readonly databaseUrl: string;
  readonly redisPort: number;
}

export interface WorkerOptions {
  /** Jobs at a time in one process; a peer that fetches batches takes it for their size. */
  readonly concurrency: number;
}

export interface PeerProducer {
  add(data: object): Promise<unknown>;
  addMany(data: readonly object[]): Promise<void>;
  /** Jobs that have not ended. */
  pending(): Promise<number>;
  close(): Promise<void>;
}

export interface PeerJobLog {
  /** One line, of one job; resolves when it is stored. */
  add(line: string): Promise<unknown>;
}

export interface Peer {
  /** What must be installed for it. */
  readonly packages: readonly string[];
  /** Makes its tables; called once, before anything else. */
  prepare(store: PeerStore): Promise<void>;
  produce(store: PeerStore): Promise<PeerProducer>;
  /** Makes a job and opens its log; absent: it keeps none. */
  openLog?(store: PeerStore): Promise<PeerJobLog>;
  /** Runs jobs. @returns what makes an end of that, once the jobs that it has are done */
  work(
    store: PeerStore,
    options: WorkerOptions,
    onJob: (data: { readonly mark: string }) => unknown,
  ): Promise<() => Promise<unknown>>;
}

/** What peers insert at a time when there are many. */
export async function inChunks<Item>(
  items: readonly Item[],
  size: number,
  add: (chunk: Item[]) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < items.length; from += size) await add(items.slice(from, from + size));
}
