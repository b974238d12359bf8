import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { EncryptionKey } from '../platform/encryption-key.js';

/** PKCS#8 header of an Ed25519 private key (RFC 8410 §7); the 32 bytes of the seed follow. */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The Ed25519 key of access tokens, derived from DIBS_ENCRYPTION_KEY: every replica verifies what another signed. */
@Injectable()
export class SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly id: string;
  /** By their ids: its own, and those of previous encryption keys, with which tokens of the last minutes were signed. */
  readonly publicKeys: ReadonlyMap<string, KeyObject>;

  constructor(encryptionKey: EncryptionKey) {
    const seed = encryptionKey.derive('access-token-ed25519', 32);
    this.privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
    this.publicKey = createPublicKey(this.privateKey);
    const der = this.publicKey.export({ format: 'der', type: 'spki' });
    this.id = createHash('sha256').update(der).digest('base64url').slice(0, 16);
    const previous = encryptionKey.previous.map((each) => new SigningKey(each));
    this.publicKeys = new Map([...previous, this].map(({ id, publicKey }) => [id, publicKey]));
  }
}
