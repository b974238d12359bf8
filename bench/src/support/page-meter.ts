/// <reference lib="dom" />
import type { Browser, CDPSession, Page } from 'playwright-core';

interface Seen {
  frames: number;
  longestFrameMs: number;
  longTasks: number[];
}

/** What a page costs while something happens on it. */
export class PageMeter {
  private constructor(
    private readonly browser: Browser,
    private readonly page: Page,
    private readonly devtools: CDPSession,
  ) {}

  static async on(browser: Browser, page: Page): Promise<PageMeter> {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Performance.enable');
    return new PageMeter(browser, page, devtools);
  }

  /**
   * From the press of a key to the frame with a text that begins so, as the page itself sees it: a locator looks again after pauses
   * of up to half a second.
   *
   * @param shownIn a CSS selector of what is there already
   */
  async fromKeyToText(key: string, shownIn: string, beginning: string): Promise<number> {
    await this.page.evaluate(
      ([selector, start]) => {
        const element = document.querySelector(selector!)!;
        const shown = new Promise<number>((resolve) => {
          let pressedAtMs = Infinity;
          addEventListener('keydown', () => (pressedAtMs = performance.now()), { capture: true, once: true });
          const observer = new MutationObserver(() => {
            if (!element.textContent.startsWith(start!)) return;
            observer.disconnect();
            requestAnimationFrame(() => resolve(performance.now() - pressedAtMs));
          });
          observer.observe(element, { childList: true, characterData: true, subtree: true });
        });
        Object.assign(window, { untilShown: shown });
      },
      [shownIn, beginning],
    );
    await this.page.keyboard.press(key);
    const ms = await this.page.evaluate(() => (window as unknown as { untilShown: Promise<number> }).untilShown);
    return Math.round(ms);
  }

  /** Frames and tasks while `action` lasts. Wall-clock figures include what other processes of the machine take. */
  async during(action: () => Promise<void>) {
    const before = await this.metrics();
    const startedAtMs = performance.now();
    await this.page.evaluate(() => {
      const seen: Seen = { frames: 0, longestFrameMs: 0, longTasks: [] };
      let last = performance.now();
      const onFrame = (now: number): void => {
        seen.frames += 1;
        seen.longestFrameMs = Math.max(seen.longestFrameMs, now - last);
        last = now;
        frame = requestAnimationFrame(onFrame);
      };
      let frame = requestAnimationFrame(onFrame);
      const observer = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) seen.longTasks.push(entry.duration);
      });
      observer.observe({ type: 'longtask' });
      const end = (): Seen => {
        cancelAnimationFrame(frame);
        observer.disconnect();
        return seen;
      };
      Object.assign(window, { endOfMeasure: end });
    });
    await action();
    const seconds = (performance.now() - startedAtMs) / 1_000;
    const seen = await this.page.evaluate(() => (window as unknown as { endOfMeasure: () => Seen }).endOfMeasure());
    const after = await this.metrics();
    return {
      frames_per_s: Math.round(seen.frames / seconds),
      longest_frame_ms: Math.round(seen.longestFrameMs),
      main_thread_busy: Math.round(((after.TaskDuration! - before.TaskDuration!) / seconds) * 100) / 100,
      long_tasks: seen.longTasks.length,
      longest_task_ms: Math.round(Math.max(0, ...seen.longTasks)),
    };
  }

  /** The processor time of the longest task of the page's main thread, whatever else the machine did meanwhile. */
  async longestTaskCpuMs(action: () => Promise<void>): Promise<number> {
    await this.browser.startTracing(this.page, { categories: ['toplevel', '__metadata'] });
    await action();
    const { traceEvents } = JSON.parse((await this.browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
    const isMain = new Set(
      traceEvents
        .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
        .map(({ pid, tid }) => `${pid} ${tid}`),
    );
    const tasks = traceEvents.filter(({ name, pid, tid }) => name.endsWith('RunTask') && isMain.has(`${pid} ${tid}`));
    return Math.round(Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur)) / 1_000);
  }

  /** After a garbage collection. */
  async heap(): Promise<{ heap_mb: number; nodes: number }> {
    await this.devtools.send('HeapProfiler.collectGarbage');
    const { JSHeapUsedSize, Nodes } = await this.metrics();
    return { heap_mb: Math.round((JSHeapUsedSize! / 1024 / 1024) * 10) / 10, nodes: Nodes! };
  }

  private async metrics(): Promise<Readonly<Record<string, number>>> {
    const { metrics } = await this.devtools.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  }
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** In microseconds of the thread's own processor time. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}
