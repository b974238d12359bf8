import type { EngineOutput } from '@dibs/shared';
import { EngineRefusal } from './engine.js';

/** What `terraform output -json` prints. @throws EngineRefusal */
export function parseOutputs(json: string): Record<string, EngineOutput> {
  const entries = Object.entries(parseObject(json)).map(([name, output]): [string, EngineOutput] => {
    const { value = null, sensitive } = output as { value?: unknown; sensitive?: unknown };
    return [name, { value, sensitive: sensitive === true }];
  });
  return Object.fromEntries(entries);
}

/**
 * What `pulumi stack output --json` prints, without its secrets and with them: it does not say which are secrets.
 * @throws EngineRefusal
 */
export function joinOutputs(hidden: string, shown: string): Record<string, EngineOutput> {
  const open = parseObject(hidden);
  const entries = Object.entries(parseObject(shown)).map(([name, value]): [string, EngineOutput] => [
    name,
    { value, sensitive: JSON.stringify(open[name]) !== JSON.stringify(value) },
  ]);
  return Object.fromEntries(entries);
}

/** Every text by which the value could show up in a log. */
export function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  // true and false would be hidden everywhere, and tell nothing
  if (typeof value !== 'object' || value === null) return [];
  return [JSON.stringify(value), ...Object.values(value).flatMap(textsOf)];
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // said below; the text itself may hold secrets
  }
  throw new EngineRefusal('step_failed', 'The engine does not tell its outputs as JSON.');
}
