import type { LinkLimits, LogReply, Refusal } from '@dibs/shared';
import type { LineBatch, Spool } from './spool.js';

export interface LogShipperOptions {
  readonly spool: Spool;
  /** One `job:log` request. Rejects when there was no reply (cut, timeout). */
  readonly send: (batch: LineBatch) => Promise<LogReply>;
  readonly timing: LogShipperTiming;
  /** The server refused for good (E_FENCED and every other refusal that is not retryable). Called once. */
  readonly onRefused: (refusal: Refusal) => void;
}

export interface LogShipperTiming {
  readonly periodWatchedMs: number;
  readonly periodIdleMs: number;
  /** First pause after a retryable refusal or a missing reply; doubles up to 20 times of it. */
  readonly retryMs: number;
}

export declare class LogShipper {
  constructor(options: LogShipperOptions);
  /** The link is up and the server has everything up to `ackedSeq` (0 for a fresh attempt). Starts paused: call it first. */
  resume(ackedSeq: number, limits: LinkLimits): void;
  /** The link is down. */
  pause(): void;
  watched(watched: boolean): void;
  /** true: everything up to `spool.lastSeq` is acknowledged. false: stopped or refused before. Ships without waiting for the period. */
  drained(): Promise<boolean>;
  stop(): void;
}
