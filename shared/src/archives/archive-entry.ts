/** What an archive says of one of its entries. */
export interface ArchiveEntry {
  /** As it is written there. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  /** Of the content, in bytes; for links 0. */
  readonly size: number;
  /** Permissions with setuid, setgid and sticky bits. */
  readonly mode: number;
  /** Of symbolic links; else ''. */
  readonly target: string;
}

/** An archive holds what it must not, or is none. The message is for whoever made it. */
export class ArchiveRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ArchiveRefused';
  }
}
