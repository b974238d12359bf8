/** Jobs that one organization may have matched before the next one in the line has its turn. */
export const TURN_JOBS = 64;

interface Turn<Who> {
  readonly who: Who;
  /** What is left of a turn that was cut short because the room ran out. */
  credit: number;
}

/**
 * Deficit round robin (Shreedhar and Varghese, 1996): whoever has work stands in a line, gets one turn of so many jobs,
 * and goes to the end of it. So nobody waits longer than one turn of each other one, however much those have queued.
 * A turn that the room cuts short goes on with what is left of it.
 */
export class FairTurns<Who> {
  private readonly line: Turn<Who>[] = [];
  private readonly standing = new Set<Who>();

  constructor(private readonly turnJobs = TURN_JOBS) {}

  /** Stands at the end of the line, unless it is in it. */
  join(who: Who): void {
    if (this.standing.has(who)) return;
    this.standing.add(who);
    this.line.push({ who, credit: 0 });
  }

  /**
   * Hands out turns until there is no room or nobody is left.
   *
   * @param room jobs in all
   * @param serve does at most so many jobs of this one and says how many; fewer means that it has no more and leaves
   */
  deal(room: number, serve: (who: Who, atMost: number) => number): void {
    while (room > 0 && this.line.length > 0) {
      const turn = this.line[0]!;
      // credit never adds up: an hour of waiting is no right to an hour of the server
      if (turn.credit <= 0) turn.credit = this.turnJobs;
      const atMost = Math.min(turn.credit, room);
      const served = serve(turn.who, atMost);
      room -= served;
      turn.credit -= served;
      if (served < atMost) this.leave();
      else if (turn.credit <= 0) this.line.push(this.line.shift()!);
    }
  }

  private leave(): void {
    this.standing.delete(this.line.shift()!.who);
  }
}
