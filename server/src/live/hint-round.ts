import type { OrganizationId } from '@dibs/shared';
import { HintBox, type Hints } from './hint-box.js';
import { Throttle } from './throttle.js';

/** Collects what happens in each organization and tells it together, at once and then no more often than the pace. */
export class HintRound {
  private readonly boxes = new Map<OrganizationId, HintBox>();
  private readonly throttle: Throttle;

  constructor(
    private readonly tell: (organizationId: OrganizationId, hints: Hints) => void,
    paceMs: () => number,
  ) {
    this.throttle = new Throttle(() => this.tellAll(), paceMs);
  }

  collect(organizationId: OrganizationId, add: (box: HintBox) => void): void {
    const box = this.boxes.get(organizationId) ?? new HintBox();
    this.boxes.set(organizationId, box);
    add(box);
    this.throttle.ask();
  }

  stop(): void {
    this.throttle.stop();
  }

  private tellAll(): void {
    const told = [...this.boxes];
    this.boxes.clear();
    for (const [organizationId, box] of told) this.tell(organizationId, box.take());
  }
}
