import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { EncryptionKey } from '../platform/encryption-key.js';
import type { Caller } from './caller.js';

const LIFETIME_MS = 60_000;

/**
 * Tickets for the live socket, so that neither a session cookie nor a token goes into a handshake: signed by a key
 * that every replica derives, good for a minute, and for one use on the server that took it.
 */
@Injectable()
export class TicketService {
  private readonly key: Buffer;
  /** Also of previous encryption keys: of two servers one may have the next key already. */
  private readonly keys: readonly Buffer[];
  /** Used tickets until they expire, in order of use. */
  private readonly used = new Map<string, number>();

  constructor(encryptionKey: EncryptionKey) {
    this.keys = [encryptionKey, ...encryptionKey.previous].map((each) => each.derive('live-ticket', 32));
    this.key = this.keys[0]!;
  }

  issue(caller: Caller): string {
    const content = { caller, until: Date.now() + LIFETIME_MS, id: randomBytes(12).toString('base64url') };
    const body = Buffer.from(JSON.stringify(content), 'utf8').toString('base64url');
    return `${body}.${sign(this.key, body).toString('base64url')}`;
  }

  /** @returns null when it is forged, too old or was used before */
  redeem(ticket: string): Caller | null {
    const [body, signature, ...rest] = ticket.split('.');
    if (body === undefined || signature === undefined || rest.length > 0) return null;
    const given = Buffer.from(signature, 'base64url');
    if (!this.keys.some((key) => areEqual(given, sign(key, body)))) return null;
    // only what was signed here is ever parsed
    const content = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Content;
    const nowMs = Date.now();
    this.dropExpired(nowMs);
    if (content.until <= nowMs || this.used.has(content.id)) return null;
    this.used.set(content.id, content.until);
    return content.caller;
  }

  private dropExpired(nowMs: number): void {
    for (const [id, until] of this.used) if (until <= nowMs) this.used.delete(id);
  }
}

function sign(key: Buffer, body: string): Buffer {
  return createHmac('sha256', key).update(body).digest();
}

function areEqual(given: Buffer, right: Buffer): boolean {
  return given.length === right.length && timingSafeEqual(given, right);
}

interface Content {
  readonly caller: Caller;
  readonly until: number;
  readonly id: string;
}
