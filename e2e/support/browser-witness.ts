import type { Page, Response } from 'playwright-core';
import type { NamedText } from './stored-texts.js';

/** Keeps all that one page of a browser receives and shows, for who looks for what must not be there. */
export class BrowserWitness {
  private readonly answers: Promise<string>[] = [];
  private readonly frames: string[] = [];
  private readonly said: string[] = [];
  private readonly pages: string[] = [];
  private readonly lines = new Map<number, string>();

  constructor(private readonly page: Page) {
    page.on('response', this.keep);
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => this.frames.push(String(payload)));
    });
    page.on('console', (message) => this.said.push(message.text()));
  }

  /** What is there now, whether it can be seen or not. */
  async look(): Promise<void> {
    const { html, typed, stored } = await this.page.evaluate(() => ({
      html: document.documentElement.outerHTML,
      typed: [...document.querySelectorAll<HTMLInputElement>('input, textarea')].map(({ value }) => value),
      stored: JSON.stringify([localStorage, sessionStorage]),
    }));
    this.pages.push(withoutEntities(html), ...typed, stored);
  }

  /** The log of the job that is open, from its first line to this one, as somebody reads it who scrolls. */
  async readLog(lastSeq: number): Promise<void> {
    const log = this.page.getByRole('log');
    await log.press('Home');
    await log.locator('[data-seq="1"]').waitFor();
    for (let seen = 0; seen < lastSeq;) {
      await this.page.waitForFunction(
        (before) => [...document.querySelectorAll<HTMLElement>('[data-seq]')].some((row) => +row.dataset.seq! > before),
        seen,
      );
      const rows = await log.locator('[data-seq]').evaluateAll((all) => {
        all.at(-1)!.scrollIntoView({ block: 'start' });
        return all.map((row) => [Number((row as HTMLElement).dataset.seq), row.textContent] as const);
      });
      for (const [seq, text] of rows) this.lines.set(seq, text);
      seen = Math.max(...rows.map(([seq]) => seq));
      await this.look();
    }
    if (this.lines.size < lastSeq) throw new Error(`of ${lastSeq} lines ${this.lines.size} were seen`);
  }

  /** All of it up to now. What the page receives after this is nobody's: it may be closed at any moment. */
  async texts(): Promise<NamedText[]> {
    this.page.off('response', this.keep);
    return [
      ['browser answers', (await Promise.all(this.answers)).join('\n')],
      ['browser frames', this.frames.join('\n')],
      ['browser console', this.said.join('\n')],
      ['browser pages', this.pages.join('\n')],
      ['browser lines', [...this.lines.values()].join('\n')],
    ];
  }

  private readonly keep = (response: Response): void => {
    this.answers.push(textOf(this.page, response));
  };
}

async function textOf(page: Page, response: Response): Promise<string> {
  const request = response.request();
  // a browser keeps no answer that it streamed to its page, or whose page was left: it is asked for once more
  const body = await response.text().catch(async () => {
    if (request.method() !== 'GET') return '';
    const again = await page.request.get(request.url(), { headers: request.headers(), maxRedirects: 0 });
    return again.text();
  });
  return `${request.url()} ${JSON.stringify(response.headers())}\n${body}`;
}

const ENTITIES = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&nbsp;': '\u00a0', '&amp;': '&' };

function withoutEntities(html: string): string {
  return html.replace(/&(lt|gt|quot|nbsp|amp);/g, (entity) => ENTITIES[entity as keyof typeof ENTITIES]);
}
