import { Injectable } from '@nestjs/common';
import type { OrganizationId, RunnerId } from '@dibs/shared';

/** What is held back. `server`: the whole installation, which is maintenance. */
export type PauseTarget =
  | { readonly type: 'runner'; readonly id: RunnerId }
  | { readonly type: 'lane'; readonly organizationId: OrganizationId; readonly id: string }
  | { readonly type: 'organization'; readonly id: OrganizationId }
  | { readonly type: 'server' };

/** A pause as people read it: what is held, why, by whom, and since when. */
export interface PauseNote {
  readonly id: string;
  readonly target: PauseTarget;
  readonly note: string;
  readonly who: string;
  readonly since: Date;
}

/**
 * What is paused right now, in memory, so that asking costs nothing on the way of a job. The rows are the truth:
 * whoever reads them replaces the whole book, and a book that was not filled yet holds nothing back.
 *
 * A pause holds grants, offers and claims. What runs already goes on, and jobs are accepted as ever.
 */
@Injectable()
export class PauseBook {
  private server: PauseNote | null = null;
  private readonly organizations = new Map<OrganizationId, PauseNote>();
  private readonly lanes = new Map<string, PauseNote>();
  private readonly runners = new Map<RunnerId, PauseNote>();
  private readonly listeners = new Set<() => void>();
  private content = '[]';

  /** Maintenance of the whole installation. */
  get holdsEverything(): PauseNote | null {
    return this.server;
  }

  /** The widest pause that keeps jobs of this lane from being given away: maintenance, organization, lane. */
  holdsLane(organizationId: OrganizationId, laneFingerprint: string): PauseNote | null {
    return (
      this.server ??
      this.organizations.get(organizationId) ??
      this.lanes.get(laneKey(organizationId, laneFingerprint)) ??
      null
    );
  }

  /** The pause of this one runner, whatever it is that it would be given. */
  holdsRunner(runnerId: RunnerId): PauseNote | null {
    return this.runners.get(runnerId) ?? null;
  }

  /** Whether anything is paused: the common answer is no, and then nothing needs to be asked one by one. */
  get isEmpty(): boolean {
    return this.server === null && this.organizations.size + this.lanes.size + this.runners.size === 0;
  }

  /** Everything that is paused now; who listens is told only if that is something else than before. */
  replace(all: readonly PauseNote[]): void {
    const content = JSON.stringify([...all].sort((a, b) => (a.id < b.id ? -1 : 1)));
    if (content === this.content) return;
    this.content = content;
    this.server = null;
    for (const map of [this.organizations, this.lanes, this.runners]) map.clear();
    for (const pause of all) this.enter(pause);
    for (const listener of this.listeners) listener();
  }

  /** @returns a function that ends the subscription */
  onChange(listener: () => void): () => void {
    // a wrapper of its own, so that the same function may subscribe twice
    const entry = (): void => listener();
    this.listeners.add(entry);
    return () => void this.listeners.delete(entry);
  }

  private enter(pause: PauseNote): void {
    const { target } = pause;
    switch (target.type) {
      case 'server':
        this.server = pause;
        break;
      case 'organization':
        this.organizations.set(target.id, pause);
        break;
      case 'lane':
        this.lanes.set(laneKey(target.organizationId, target.id), pause);
        break;
      case 'runner':
        this.runners.set(target.id, pause);
        break;
    }
  }
}

/** A fingerprint is of one organization by its making, but a row may name any: a foreign one must hold nothing. */
function laneKey(organizationId: OrganizationId, fingerprint: string): string {
  return `${organizationId}/${fingerprint}`;
}
