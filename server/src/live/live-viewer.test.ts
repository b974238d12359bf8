import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JobId } from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import type { Hints } from './hint-box.js';
import { LiveViewer, MAX_WAITING_FRAMES, type LiveSocket } from './live-viewer.js';

const HOPELESS_AFTER_MS = 1000;
const jobId = 'a' as JobId;
const logUpTo = (upTo: number): Hints => ({
  jobs: [],
  logs: [{ jobId, attempt: 1, upTo }],
  runners: false,
  pauses: false,
  runs: false,
});

class FakeSocket {
  connected = true;
  readonly conn = Object.assign(new EventEmitter(), { writeBuffer: [] as unknown[] });
  readonly sent: unknown[] = [];

  emit(event: string, message: unknown): void {
    this.sent.push([event, message]);
  }

  disconnect(): void {
    this.connected = false;
  }
}

describe('LiveViewer', () => {
  let socket: FakeSocket;
  let viewer: LiveViewer;
  let nowMs = 0;

  beforeEach(() => {
    socket = new FakeSocket();
    viewer = new LiveViewer({} as Caller, 0, socket as unknown as LiveSocket, HOPELESS_AFTER_MS, () => nowMs);
    viewer.watch({ topic: 'job', jobId }, () => undefined);
  });

  const congest = (): void => void socket.conn.writeBuffer.push(...Array<unknown>(MAX_WAITING_FRAMES + 1).fill(0));

  test('is told at once while it reads', () => {
    viewer.tell(logUpTo(1));
    viewer.tell(logUpTo(2));
    expect(socket.sent).toHaveLength(2);
  });

  test('is told the newest only, once it has caught up', () => {
    congest();
    for (let upTo = 1; upTo <= 500; upTo += 1) viewer.tell(logUpTo(upTo));
    expect(socket.sent).toEqual([]);
    socket.conn.writeBuffer.length = 0;
    socket.conn.emit('drain');
    expect(socket.sent).toEqual([['job:log-grew', { jobId, attempt: 1, upTo: 500 }]]);
  });

  test('is disconnected when it never catches up, and not because of an earlier pause', () => {
    congest();
    viewer.tell(logUpTo(1));
    nowMs += HOPELESS_AFTER_MS;
    socket.conn.writeBuffer.length = 0;
    viewer.tell(logUpTo(2));
    congest();
    nowMs += HOPELESS_AFTER_MS;
    viewer.tell(logUpTo(3));
    nowMs += HOPELESS_AFTER_MS;
    viewer.tell(logUpTo(4));
    expect(socket.connected).toBe(true);
    nowMs += 1;
    viewer.tell(logUpTo(5));
    expect(socket.connected).toBe(false);
  });

  test('is told that runs changed, only while it watches them', () => {
    const runsChanged: Hints = { jobs: [], logs: [], runners: false, pauses: false, runs: true };
    viewer.tell(runsChanged);
    viewer.watch({ topic: 'runs' }, () => undefined);
    viewer.tell(runsChanged);
    viewer.unwatch({ topic: 'runs' });
    viewer.tell(runsChanged);
    expect(socket.sent).toEqual([['runs:changed', undefined]]);
  });

  test('releases what it watched exactly once', () => {
    const released: string[] = [];
    const watch = (id: string): void => viewer.watch({ topic: 'job', jobId: id as JobId }, () => released.push(id));
    watch('b');
    watch('b');
    viewer.unwatch({ topic: 'job', jobId: 'b' as JobId });
    watch('c');
    viewer.unwatchAll();
    viewer.unwatchAll();
    expect(released).toEqual(['b', 'b', 'c']);
    expect(viewer.topicCount).toBe(0);
  });
});
