import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { ScryptOptions } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError } from '../../platform/errors.js';

const LOG2_N = 15;
const BLOCK_SIZE = 8;
const PARALLELISM = 1;
const HASH_BYTES = 32;
/** Each takes 32 MiB and one thread of Node's pool of four, which file and DNS calls need as well. */
const MAX_CONCURRENT = 2;
/** Who would wait longer than these (about 3 s) is better told to come back. */
const MAX_WAITING = 64;

/** Secrets that people chose: scrypt (RFC 7914), a few at a time. Stored as `scrypt:log2N:r:p:salt:hash`. */
@Injectable()
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  /** Matches nothing; verifying against it costs what verifying a real one costs. */
  private readonly nobody = encode(randomBytes(16), randomBytes(HASH_BYTES));

  async hash(password: string): Promise<string> {
    const salt = randomBytes(16);
    return encode(salt, await this.derive(password, salt, LOG2_N, BLOCK_SIZE, PARALLELISM));
  }

  /** @param stored null for an unknown user: takes as long and answers false, so that time tells nothing */
  async verify(password: string, stored: string | null): Promise<boolean> {
    const [scheme, log2N, r, p, salt, hash] = (stored ?? this.nobody).split(':');
    if (scheme !== 'scrypt' || salt === undefined || hash === undefined) return false;
    const expected = Buffer.from(hash, 'base64url');
    const given = await this.derive(password, Buffer.from(salt, 'base64url'), Number(log2N), Number(r), Number(p));
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  private async derive(password: string, salt: Buffer, log2N: number, r: number, p: number): Promise<Buffer> {
    await this.enter();
    try {
      // one password, one form: an accent typed as one or as two code points is the same
      return await scryptAsync(password.normalize('NFKC'), salt, { N: 2 ** log2N, r, p, maxmem: 128 * 1024 * 1024 });
    } finally {
      this.leave();
    }
  }

  private enter(): Promise<void> {
    if (this.running < MAX_CONCURRENT) {
      this.running += 1;
      return Promise.resolve();
    }
    if (this.waiting.length >= MAX_WAITING) {
      const headers = { 'retry-after': '2' };
      throw new AppError(503, 'busy', 'Too many sign-ins at this moment. Try again in a few seconds.', { headers });
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private leave(): void {
    const next = this.waiting.shift();
    // the place passes on to who waits, so `running` stays as it is
    if (next !== undefined) next();
    else this.running -= 1;
  }
}

function encode(salt: Buffer, hash: Buffer): string {
  return ['scrypt', LOG2_N, BLOCK_SIZE, PARALLELISM, salt.toString('base64url'), hash.toString('base64url')].join(':');
}

function scryptAsync(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
