import { Injectable } from '@nestjs/common';

/** Set as the first act of stopping, so that load balancers and callers see it before anything closes. */
@Injectable()
export class ShutdownState {
  private stopping = false;

  get isShuttingDown(): boolean {
    return this.stopping;
  }

  begin(): void {
    this.stopping = true;
  }
}
