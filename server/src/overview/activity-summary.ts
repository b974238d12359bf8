import type { Overview, OverviewMinute } from '@dibs/shared';
import type { Activity, ActivitySlot } from './overview.repository.js';
import { addTo, emptyHistogram, percentiles } from './wait-histogram.js';

export const SHOWN_MINUTES = 60;
const MINUTE_MS = 60_000;
/** Length of the slots that activity is stored in. */
const SLOT_MS = 10_000;

type Summary = Pick<Overview, 'claimsPerSecond' | 'lastHour' | 'minutes'>;

/** The last hour in minutes, the one that is under way included, and what it comes to. */
export function summarize(slots: readonly ActivitySlot[], now: Date): Summary {
  const firstMs = Math.floor(now.getTime() / MINUTE_MS - (SHOWN_MINUTES - 1)) * MINUTE_MS;
  const minutes = Array.from({ length: SHOWN_MINUTES }, (_, index) => ({
    fromMs: firstMs + index * MINUTE_MS,
    sum: nothing(),
  }));
  const hour = nothing();
  for (const slot of slots) {
    const minute = minutes[Math.floor((slot.slot.getTime() - firstMs) / MINUTE_MS)];
    if (!minute) continue;
    add(minute.sum, slot);
    add(hour, slot);
  }
  const { waits, ...counts } = hour;
  const ended = counts.succeeded + counts.failed;
  return {
    claimsPerSecond: claimsPerSecond(slots, now.getTime()),
    lastHour: { ...counts, wait: percentiles(waits), successRate: ended === 0 ? null : counts.succeeded / ended },
    minutes: minutes.map(({ fromMs, sum }) => minuteOf(fromMs, sum)),
  };
}

/** Over the slot that is under way and the six before it, so that the figure moves every few seconds and does not jump. */
function claimsPerSecond(slots: readonly ActivitySlot[], nowMs: number): number {
  const fromMs = Math.floor(nowMs / SLOT_MS) * SLOT_MS - MINUTE_MS;
  const claims = slots.reduce((sum, { slot, claims: some }) => (slot.getTime() >= fromMs ? sum + some : sum), 0);
  return Number(((claims * 1_000) / (nowMs - fromMs)).toPrecision(3));
}

function minuteOf(fromMs: number, { waits, ...counts }: Activity): OverviewMinute {
  return { from: new Date(fromMs).toISOString(), ...counts, wait: percentiles(waits) };
}

function nothing() {
  return { claims: 0, succeeded: 0, failed: 0, canceled: 0, waits: emptyHistogram() };
}

function add(sum: ReturnType<typeof nothing>, more: Activity): void {
  sum.claims += more.claims;
  sum.succeeded += more.succeeded;
  sum.failed += more.failed;
  sum.canceled += more.canceled;
  addTo(sum.waits, more.waits);
}
