import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { EncryptionKey } from './encryption-key.js';

const FORMAT = 1;
const KEY_ID_BYTES = 4;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES;

/**
 * Secrets at rest: AES-256-GCM. A sealed value is `format · key id · iv · tag · ciphertext`. The context (say, the
 * id of the row) is authenticated with it, so that a sealed value moved to another row does not open there.
 */
@Injectable()
export class SecretBox {
  /** Of what is sealed from now on; the bytes 2 to 5 of it. */
  readonly keyId: Buffer;
  private readonly key: Buffer;
  /** Of every key that opens, by its id in hexadecimal. */
  private readonly keys: ReadonlyMap<string, Buffer>;

  constructor(encryptionKey: EncryptionKey) {
    this.key = encryptionKey.derive('secret-box', 32);
    this.keyId = keyIdOf(encryptionKey);
    const all = [...encryptionKey.previous, encryptionKey];
    this.keys = new Map(all.map((each) => [keyIdOf(each).toString('hex'), each.derive('secret-box', 32)]));
  }

  seal(plain: string, context: string): Buffer {
    return this.sealBytes(Buffer.from(plain, 'utf8'), context);
  }

  sealBytes(plain: Buffer, context: string): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(context, 'utf8'));
    const body = [cipher.update(plain), cipher.final()];
    return Buffer.concat([Buffer.of(FORMAT), this.keyId, iv, cipher.getAuthTag(), ...body]);
  }

  /** @throws Error when it was sealed with another key, for another context, or was altered */
  open(sealed: Buffer, context: string): string {
    return this.openBytes(sealed, context).toString('utf8');
  }

  /** @throws Error as `open` does */
  openBytes(sealed: Buffer, context: string): Buffer {
    if (sealed.length < HEADER_BYTES + IV_BYTES + TAG_BYTES || sealed[0] !== FORMAT) {
      throw new Error('A sealed secret has an unknown format.');
    }
    const key = this.keys.get(sealed.subarray(1, HEADER_BYTES).toString('hex'));
    if (key === undefined) {
      throw new Error(
        'A sealed secret was made with a key that this server has neither as DIBS_ENCRYPTION_KEY nor among DIBS_PREVIOUS_ENCRYPTION_KEYS.',
      );
    }
    const ivEnd = HEADER_BYTES + IV_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(HEADER_BYTES, ivEnd), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(context, 'utf8'));
    decipher.setAuthTag(sealed.subarray(ivEnd, ivEnd + TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(ivEnd + TAG_BYTES)), decipher.final()]);
  }
}

function keyIdOf(encryptionKey: EncryptionKey): Buffer {
  return encryptionKey.derive('secret-box-key-id', KEY_ID_BYTES);
}
