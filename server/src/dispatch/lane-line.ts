import { compare } from './job-window.js';
import type { LaneQueue } from './lane-queue.js';

/**
 * Serves lanes that compete for the same slots job by job: the lane whose best job goes first is served until the best
 * job of another one does.
 *
 * @param canGo whether a lane still has both a job and a slot for it
 * @param serve takes the best job of the lane
 * @returns jobs served
 */
export function serveInOrder(
  lanes: Iterable<LaneQueue>,
  atMost: number,
  canGo: (lane: LaneQueue) => boolean,
  serve: (lane: LaneQueue) => void,
): number {
  const line = [...lanes].filter(canGo).sort(byHead);
  let served = 0;
  while (served < atMost && line.length > 0) {
    const lane = line[0]!;
    // another lane may have used the last slot meanwhile
    if (!canGo(lane)) {
      line.shift();
      continue;
    }
    serve(lane);
    served += 1;
    if (line.length > 1 && lane.waiting.length > 0 && byHead(lane, line[1]!) > 0) insert(line, line.shift()!);
  }
  return served;
}

function byHead(a: LaneQueue, b: LaneQueue): number {
  return compare(a.waiting.first!, b.waiting.first!);
}

function insert(line: LaneQueue[], lane: LaneQueue): void {
  let [low, high] = [0, line.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byHead(line[middle]!, lane) < 0) low = middle + 1;
    else high = middle;
  }
  line.splice(low, 0, lane);
}
