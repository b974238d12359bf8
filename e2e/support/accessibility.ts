import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const GRAVE = new Set(['moderate', 'serious', 'critical']);
/** What a tooltip says, which may be open or not, is beside all landmarks. */
const NOT_ASKED = { region: { enabled: false } };

/**
 * What axe finds on the page as it is, of the findings that keep people from using it.
 * @param options fewer rules, where the page was already looked at in another state
 * @returns one paragraph for each; empty: nothing
 */
export async function findingsOf(page: Page, options: RunOptions = {}): Promise<string[]> {
  const isThere = await page.evaluate(() => 'axe' in window);
  // evaluated by the debugger: the policy of the page lets nobody add a script
  if (!isThere) await page.evaluate(await readFile(AXE, 'utf8'));
  const { violations } = await page.evaluate(
    (given) => (window as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run(given),
    { resultTypes: ['violations'], ...options, rules: { ...NOT_ASKED, ...options.rules } } satisfies RunOptions,
  );
  return violations
    .filter(({ impact }) => GRAVE.has(impact ?? ''))
    .map(({ id, help, nodes }) => {
      const places = nodes.slice(0, 5).map(({ target, html, failureSummary }) => {
        const why = failureSummary?.split('\n').slice(1).join(' ').trim();
        return `  ${target.join(' ')}\n    ${html.slice(0, 200)}\n    ${why}`;
      });
      return `${id}: ${help} (${nodes.length})\n${places.join('\n')}`;
    });
}
