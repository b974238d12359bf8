import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

/** An entry as somebody may write it, hostile or not. */
export interface MadeEntry {
  readonly name: string | Buffer;
  readonly content?: string | Buffer;
  readonly mode?: number;
  /** Letter of tar. */
  readonly type?: '0' | '1' | '2' | '3' | '4' | '5' | '6' | 'x' | 'S';
  readonly link?: string;
  /** Said instead of the real one. */
  readonly size?: number;
}

const BLOCK = 512;

export function tar(entries: readonly MadeEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(tarEntry), Buffer.alloc(2 * BLOCK)]);
}

export function tarGz(entries: readonly MadeEntry[]): Buffer {
  return gzipSync(tar(entries));
}

function tarEntry({ name, content = '', mode = 0o644, type = '0', link = '', size }: MadeEntry): Buffer[] {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(BLOCK);
  Buffer.from(name).copy(header, 0, 0, 100);
  header.write(octal(mode, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size ?? bytes.length, 12), 124);
  header.write(octal(0, 12), 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(link, 157, 100);
  header.write('ustar\x0000', 257, 'latin1');
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      7,
    ),
    148,
  );
  return [header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)];
}

function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, '0')}\0`;
}

/** An extended header that gives the next entry another path. */
export function paxPath(path: string): MadeEntry {
  const body = ` path=${path}\n`;
  let length = body.length + 2;
  while (`${length}${body}`.length !== length) length += 1;
  return { name: 'pax', type: 'x', content: `${length}${body}` };
}

const MODE_OF_TYPE: Partial<Record<NonNullable<MadeEntry['type']>, number>> = {
  '2': 0o120000,
  '3': 0o020000,
  '5': 0o040000,
  '6': 0o010000,
};

export function zip(entries: readonly MadeEntry[]): Buffer {
  const [locals, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const { name, content, mode = 0o644, type = '0', link = '', size } of entries) {
    const [path, plain] = [Buffer.from(name), Buffer.from(content ?? link)];
    const packed = deflateRawSync(plain);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(plain), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(size ?? plain.length, 18);
    common.writeUInt16LE(path.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((((MODE_OF_TYPE[type] ?? 0o100000) | mode) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, path, packed]);
    locals.push(local);
    // made by version 2.0 of Unix
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, rest, path);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, listed, end]);
}
