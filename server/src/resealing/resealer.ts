import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EncryptionKey } from '../platform/encryption-key.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { Repeating } from '../platform/repeating.js';
import { SecretBox } from '../platform/secret-box.js';
import { ResealingRepository, type SealedRow } from './resealing.repository.js';
import { SEALED_PLACES, type SealedPlace } from './sealed-places.js';

/** Also when nothing is left: a server that was not restarted yet still seals with the key before. */
const RUN_EVERY_MS = 60_000;
const ROWS_OF_A_PASS = 10_000;
/** Pieces of plans have 256 KiB each. */
const ROWS_AT_A_TIME = 16;

export interface ResealingOutcome {
  readonly resealed: number;
  /** Of keys that this server does not have, or damaged. */
  readonly unreadable: number;
}

/**
 * While there are previous keys, seals anew with the present one what is still sealed with them, so that they can be taken away.
 * Several servers may do so at once: each value is replaced only while it is the one that was read.
 */
@Injectable()
export class Resealer implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Resealer.name);
  private readonly runs = new Repeating(() => this.runSafely(), RUN_EVERY_MS);
  private readonly left;
  private readonly count;
  private toldOf = '';

  constructor(
    private readonly encryptionKey: EncryptionKey,
    private readonly box: SecretBox,
    private readonly stored: ResealingRepository,
    metrics: Metrics,
  ) {
    this.count = metrics.counter('dibs_resealed_total', 'Values that were sealed anew with DIBS_ENCRYPTION_KEY');
    this.left = metrics.gauge(
      'dibs_sealed_with_other_keys',
      'Values that this server last found to be sealed with another key than DIBS_ENCRYPTION_KEY; -1: not looked yet',
    );
    this.left.set(-1);
  }

  onApplicationBootstrap(): void {
    if (this.encryptionKey.previous.length > 0) this.runs.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.runs.stop();
  }

  /** All of it, as far as it opens. */
  async run(): Promise<ResealingOutcome> {
    let [resealed, unreadable] = [0, 0];
    for (const place of SEALED_PLACES) {
      const done = await this.resealPlace(place);
      resealed += done.resealed;
      unreadable += done.unreadable;
    }
    return { resealed, unreadable };
  }

  private async resealPlace(place: SealedPlace): Promise<ResealingOutcome> {
    let [resealed, unreadable] = [0, 0];
    for (let isLast = false; !isLast && !this.runs.isStopped;) {
      const found = await this.stored.outdated(place, this.box.keyId, ROWS_OF_A_PASS);
      const before = resealed;
      unreadable = 0;
      for (let start = 0; start < found.length && !this.runs.isStopped; start += ROWS_AT_A_TIME) {
        const done = await this.resealRows(place, found.slice(start, start + ROWS_AT_A_TIME));
        resealed += done.resealed;
        unreadable += done.unreadable;
      }
      // what does not open is found again and again
      isLast = found.length < ROWS_OF_A_PASS || resealed === before;
    }
    return { resealed, unreadable };
  }

  private async resealRows(place: SealedPlace, at: readonly string[]): Promise<ResealingOutcome> {
    const rows = await this.stored.rows(place, this.box.keyId, at);
    const opened = rows.flatMap((row) => {
      const resealed = this.reseal(row);
      return resealed === null ? [] : [{ ...row, resealed }];
    });
    const resealed = opened.length === 0 ? 0 : await this.stored.replace(place, opened);
    this.count.inc(resealed);
    return { resealed, unreadable: rows.length - opened.length };
  }

  /** @returns null: it does not open */
  private reseal({ sealed, context }: SealedRow): Buffer | null {
    try {
      return this.box.sealBytes(this.box.openBytes(sealed, context), context);
    } catch {
      return null;
    }
  }

  private async runSafely(): Promise<void> {
    try {
      const { resealed, unreadable } = await this.run();
      if (this.runs.isStopped) return;
      this.left.set(unreadable);
      this.tell(resealed, unreadable);
    } catch (error) {
      this.logger.warn({ err: error }, 'sealing values anew was interrupted; it goes on in a minute');
    }
  }

  /** Not the same every minute. */
  private tell(resealed: number, unreadable: number): void {
    const said =
      unreadable === 0
        ? 'everything that is kept is sealed with DIBS_ENCRYPTION_KEY'
        : 'values are sealed with keys that are neither DIBS_ENCRYPTION_KEY nor among DIBS_PREVIOUS_ENCRYPTION_KEYS';
    if (resealed === 0 && said === this.toldOf) return;
    this.toldOf = said;
    if (unreadable === 0) this.logger.log({ resealed }, said);
    else this.logger.warn({ resealed, unreadable }, said);
  }
}
