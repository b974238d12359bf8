import type { CancelOrder } from '@dibs/shared';
import { attemptKey } from './journal.js';

/**
 * Cancels of attempts that this runner does not know, or not yet: a job may be canceled in the moment in which it is
 * granted, and then the order can come before the grant, or before the answer of the claim. A number bounds them, not a
 * time: the key of an attempt never comes again, so an order that is kept for nothing harms nobody.
 */
export class EarlyCancels {
  private readonly orders = new Map<string, CancelOrder>();

  /** The last one for an attempt counts, as it does for an attempt that runs. */
  add(order: CancelOrder): void {
    const key = attemptKey(order);
    this.orders.delete(key);
    this.orders.set(key, order);
    const [oldest] = this.orders.keys();
    if (this.orders.size > MAX_KEPT && oldest !== undefined) this.orders.delete(oldest);
  }

  /** The order for an attempt that has just become known; it is not kept any longer. */
  take(key: string): CancelOrder | undefined {
    const order = this.orders.get(key);
    this.orders.delete(key);
    return order;
  }
}

/** More than one runner can be granted at once. */
export const MAX_KEPT = 1000;
