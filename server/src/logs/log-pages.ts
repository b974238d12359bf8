import { Injectable } from '@nestjs/common';
import type { LogPage } from '@dibs/shared';
import { ReaderShare } from './reader-share.js';

/** Requests of those who heard the same hint come one after the other: a browser and a network lie between. */
const KEPT_MS = 100;
/** As many lines as the dashboard asks for, of usual length. Whoever follows a log takes less; larger pages are made for each. */
const KEPT_BYTES = 512 * 1024;

/**
 * Pages as they are sent. Those who watch a log ask for the same page at nearly the same moment; to read its lines and to write
 * them as JSON is most of what an answer costs, and is done once for all of them.
 */
@Injectable()
export class LogPages {
  private readonly pages = new Map<string, Promise<Buffer>>();

  constructor(private readonly share: ReaderShare) {}

  /**
   * @param key of everything that the page depends on, where its log stands included
   * @param read makes it
   */
  page(key: string, read: () => Promise<LogPage>): Promise<Buffer> {
    const known = this.pages.get(key);
    if (known) {
      this.share.answersAnother();
      return known;
    }
    const page = read().then((each) => Buffer.from(JSON.stringify(each)));
    this.pages.set(key, page);
    const forget = (): void => void this.pages.delete(key);
    page.then(({ length }) => (length > KEPT_BYTES ? forget() : setTimeout(forget, KEPT_MS).unref()), forget);
    return page;
  }
}
