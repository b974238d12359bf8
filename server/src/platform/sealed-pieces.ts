import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError } from './errors.js';
import { piecesOf } from './http/route-body.js';
import { SecretBox } from './secret-box.js';

/** A commit for each; a hundred uploads under way take 50 MB of memory. */
const PIECE_BYTES = 256 * 1024;

/** Where the pieces of one upload are. */
export interface PiecePlace {
  /** What they are together, for codes and people: `plan` say. */
  readonly what: string;
  /** Binds each piece to its place: moved elsewhere it does not open. */
  contextOf(piece: number): string;
  /** @returns null: it is gone */
  find(piece: number): Promise<Buffer | null>;
}

export interface PiecesTo {
  readonly maxBytes: number;
  contextOf(piece: number): string;
  store(piece: number, sealed: Buffer): Promise<void>;
}

/** Large bodies at rest: in pieces, so that neither an upload nor a download needs more memory than one, each sealed for its place. */
@Injectable()
export class SealedPieces {
  constructor(private readonly box: SecretBox) {}

  /** @param body the bytes as they arrive. @throws AppError as `piecesOf` does */
  async store(body: unknown, to: PiecesTo): Promise<{ readonly sha256: string; readonly bytes: number }> {
    const hash = createHash('sha256');
    let [bytes, piece] = [0, 0];
    for await (const plain of piecesOf(body, { pieceBytes: PIECE_BYTES, maxBytes: to.maxBytes })) {
      hash.update(plain);
      bytes += plain.length;
      await to.store(piece, this.box.sealBytes(plain, to.contextOf(piece)));
      piece += 1;
    }
    return { sha256: hash.digest('hex'), bytes };
  }

  /** @param end the first byte that is not wanted. @throws AppError 410 when they are gone, or cannot be opened any more */
  async *range(place: PiecePlace, start: number, end: number): AsyncGenerator<Buffer> {
    for (let at = start; at < end;) {
      const number = Math.floor(at / PIECE_BYTES);
      const begin = number * PIECE_BYTES;
      const plain = await this.piece(place, number);
      yield plain.subarray(at - begin, Math.min(end - begin, plain.length));
      at = begin + PIECE_BYTES;
    }
  }

  /** All of them. The first one is opened before anything is answered. @throws AppError as `range` does */
  async open(place: PiecePlace, bytes: number): Promise<AsyncGenerator<Buffer>> {
    const first = await this.piece(place, 0);
    return this.from(first, place, bytes);
  }

  private async *from(first: Buffer, place: PiecePlace, bytes: number): AsyncGenerator<Buffer> {
    yield first;
    yield* this.range(place, PIECE_BYTES, bytes);
  }

  private async piece(place: PiecePlace, piece: number): Promise<Buffer> {
    const sealed = await place.find(piece);
    if (sealed === null) throw new AppError(410, `${place.what}_gone`, `The ${place.what} has just been removed.`);
    try {
      return this.box.openBytes(sealed, place.contextOf(piece));
    } catch (cause) {
      const detail = `The ${place.what} cannot be opened: was the encryption key of the server changed?`;
      throw new AppError(410, `${place.what}_unreadable`, detail, { cause });
    }
  }
}
