import { gzipSync } from 'node:zlib';
import { paxPath, tar, tarGz, zip, type MadeEntry } from './make-archive.js';

const MIB = 1024 * 1024;
const file = (name: string | Buffer, rest: Partial<MadeEntry> = {}): MadeEntry => ({ name, content: 'x', ...rest });
const link = (name: string, to: string): MadeEntry => ({ name, type: '2', link: to });

/** What both formats can say: [what it is, entries, why it is refused]. */
const IN_BOTH: readonly (readonly [string, readonly MadeEntry[], RegExp])[] = [
  ['an absolute path', [file('/tmp/dibs-evil')], /"\/tmp\/dibs-evil".* is absolute/],
  ['a way up', [file('../evil')], /"\.\.\/evil".* "\.\."/],
  ['a way up in the middle', [file('a/../../evil')], /"\.\."/],
  ['a way up behind a dot', [file('./../evil')], /"\.\."/],
  ['an empty part', [file('a//b')], /empty part/],
  ['a backslash', [file('..\\evil')], /backslash/],
  ['a control character', [file('a\nb')], /control character/],
  ['a hook of git', [file('.GIT/hooks/post-checkout')], /leads into \.git/],
  ['a name that is no UTF-8', [file(Buffer.from([0x61, 0xff, 0xfe]))], /not UTF-8/],
  ['a link to an absolute path', [link('out', '/etc')], /"out".* leads out, to "\/etc"/],
  ['a link up and out', [link('a/out', '../../etc')], /leads out/],
  ['a link down and out', [file('a/b'), link('out', 'a/../..')], /leads out/],
  ['a link through another one', [link('a/b/c/up', '../../..'), link('out', 'a/b/c/up/..')], /leads out/],
  ['a link into .git', [link('hooks', '.git/hooks')], /leads into \.git/],
  ['a link to nothing', [link('out', '')], /linkpath|link to nothing/],
  ['a file through a link', [link('a', 'b'), file('a/evil')], /needs "a" to be a folder/],
  ['a link in place of a folder', [file('a/b'), link('a', 'c')], /is there twice/],
  ['a folder in place of a link', [link('a', 'b'), { name: 'a/', type: '5' }], /is there twice/],
  ['a file that is a folder', [file('a'), file('a/b')], /needs "a" to be a folder/],
  ['the same file twice', [file('a'), file('a')], /is there twice/],
  ['the same file twice, once with a dot', [file('a'), file('./a')], /is there twice/],
  ['two files of one name on some systems', [file('Main.tf'), file('main.tf')], /case or accents/],
  ['two folders of one name on some systems', [file('A/x'), file('a/y')], /case or accents/],
  ['an accent written in two ways', [file('\u00e9'), file('e\u0301')], /case or accents/],
  ['a setuid bit', [file('a', { mode: 0o4755 })], /setuid/],
  ['a setgid bit', [file('a', { mode: 0o2755 })], /setuid or setgid/],
  ['a device', [{ name: 'null', type: '3' }], /neither a file/],
  ['a pipe', [{ name: 'pipe', type: '6' }], /neither a file/],
  ['more than it may have unpacked', [file('a', { size: 2 ** 29 + 1 })], /more than 536870912 bytes unpacked/],
];

/** [what it is, bytes, why it is refused]. */
export function hostileArchives(): [string, () => Buffer, RegExp][] {
  const both = IN_BOTH.flatMap(([what, entries, why]): [string, () => Buffer, RegExp][] => [
    [`tar.gz: ${what}`, () => tarGz(entries), why],
    [`zip: ${what}`, () => zip(entries), why],
  ]);
  const good = file('a', { content: 'hello' });
  return [
    ...both,
    ['tar: a hard link', () => tar([file('a'), { name: 'b', type: '1', link: 'a' }]), /"b".* neither a file/],
    ['tar: a hard link out', () => tar([{ name: 'b', type: '1', link: '/etc/passwd' }]), /neither a file/],
    ['tar: a block device', () => tar([{ name: 'b', type: '4' }]), /neither a file/],
    ['tar: a sparse file', () => tar([{ name: 'b', type: 'S' }]), /neither a file|cannot be read/],
    ['tar: a path of an extended header', () => tar([paxPath('../../evil'), file('good')]), /"\.\."/],
    [
      'tar: a header without end',
      () => tar([{ name: 'pax', type: 'x', content: Buffer.alloc(MIB, ' ') }, good]),
      /header with more than/,
    ],
    ['tar: cut off', () => tar([good]).subarray(0, 514), /cannot be read/],
    ['tar: a checksum that is wrong', () => corrupted(tar([good, good])), /cannot be read/],
    ['tar.gz: cut off', () => tarGz([good]).subarray(0, -12), /cannot be read/],
    ['tar.gz: packed twice', () => gzipSync(tarGz([good])), /no tar in it/],
    ['tar.gz: zeros without end', () => gzipSync(Buffer.alloc(8 * MIB)), /no tar in it/],
    ['zip: a name that is too long', () => zip([file('n'.repeat(300))]), /too long/],
    ['zip: too many folders', () => zip([file(`${'a/'.repeat(90)}b`)]), /too many folders/],
    [
      'zip: a size that is not true',
      () => zip([file('a', { content: Buffer.alloc(MIB), size: 10 })]),
      /cannot be read/,
    ],
    ['zip: a directory that is cut off', () => zip([good]).subarray(0, -30), /cannot be read/],
    ['something else', () => Buffer.from('#!/bin/sh\n'.repeat(100)), /no archive/],
    ['nothing', () => Buffer.alloc(0), /no archive/],
  ];
}

function corrupted(bytes: Buffer): Buffer {
  bytes[1024] = 0x7a;
  return bytes;
}
