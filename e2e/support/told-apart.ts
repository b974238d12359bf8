import type { Page } from 'playwright-core';

/**
 * Where a name that somebody chose could turn round what stands beside it, or has become more than text.
 * @param name with characters that are written from right to left
 * @returns what is around each such place; empty: it stands apart everywhere
 */
export function notToldApart(page: Page, name: string): Promise<string[]> {
  return page.evaluate((name) => {
    const found = [...document.querySelectorAll('img[src="x"], script[src="x"]')].map((node) => node.outerHTML);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      if (!node.textContent?.includes(name)) continue;
      let around = node.parentElement!;
      while (around.parentElement && !getComputedStyle(around).unicodeBidi.startsWith('isolate')) {
        around = around.parentElement;
      }
      const isAlone = around.textContent.trim() === name;
      if (!isAlone && around.tagName !== 'BDI' && around.tagName !== 'PRE') found.push(around.outerHTML.slice(0, 300));
    }
    return found;
  }, name);
}
