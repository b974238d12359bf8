import type { DomainEvents } from '../events/domain-events.js';

/**
 * Events that other servers are told of, the urgent ones first: when more happened than one flush may carry, the rest
 * is left to the sweeps. What is not named here never leaves its server.
 */
export const HINT_NAMES = [
  'job.cancel-requested',
  'instance.drain-requested',
  'runner.revoked',
  'session.opened',
  'pauses.changed',
  'log.watched',
  'lane.grown',
  'job.queued',
  'job.withdrawn',
  'job.changed',
  'module.outputs_changed',
  'module_run.changed',
  'scope_run.changed',
  'log.appended',
  'runner.changed',
] as const satisfies readonly (keyof DomainEvents)[];

export type HintName = (typeof HINT_NAMES)[number];
export type Hint = { readonly [Name in HintName]: readonly [Name, DomainEvents[Name]] }[HintName];

/**
 * What one server tells the others in one message. `here` is a sign of life with no news, to be answered with another
 * one by those who do not know the sender; `gone`: it has stopped.
 */
export interface BusMessage {
  readonly from: string;
  readonly kind: 'hints' | 'here' | 'gone';
  readonly hints: readonly Hint[];
}

const KNOWN: ReadonlySet<string> = new Set(HINT_NAMES);

/** @returns null for what no server of ours can have sent; hints of a newer server that mean nothing here are left out */
export function readBusMessage(text: string): BusMessage | null {
  const message = parse(text) as Partial<BusMessage> | null;
  if (typeof message !== 'object' || message === null || typeof message.from !== 'string') return null;
  if (message.kind !== 'hints' && message.kind !== 'here' && message.kind !== 'gone') return null;
  if (!Array.isArray(message.hints)) return null;
  return { from: message.from, kind: message.kind, hints: message.hints.filter(isHint) };
}

function isHint(hint: unknown): hint is Hint {
  if (!Array.isArray(hint) || hint.length !== 2) return false;
  const [name, event] = hint as unknown[];
  return typeof name === 'string' && KNOWN.has(name) && typeof event === 'object' && event !== null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
