import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EncryptionKey } from './encryption-key.js';
import type { EncryptionSettings } from './settings.js';
import { StartupError } from './startup-error.js';

/** @returns the key of the settings, else the one in the data folder, made when there is none yet */
export async function loadEncryptionKey(settings: EncryptionSettings, dataDir: string): Promise<EncryptionKey> {
  const { key, previousKeys } = settings;
  if (key !== null) return new EncryptionKey(key, previousKeys);
  const file = path.join(dataDir, 'encryption.key');
  try {
    return new EncryptionKey((await readKey(file)) ?? (await makeKey(file)), previousKeys);
  } catch (error) {
    if (error instanceof StartupError) throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new StartupError(`DIBS_DATA_DIR: cannot keep the encryption key in ${file} (${reason})`, { cause: error });
  }
}

async function makeKey(file: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    // a link appears whole or not at all, and never in the place of one that another server just made
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  const made = await readKey(file);
  if (made === null) throw new StartupError(`DIBS_DATA_DIR: ${file} vanished`);
  return made;
}

async function readKey(file: string): Promise<string | null> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if (text.length < 32) throw new StartupError(`DIBS_DATA_DIR: ${file} is damaged; restore it from a backup`);
  return text;
}
