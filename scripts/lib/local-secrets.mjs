import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** The sign-in, credentials and API token of this installation: made once, kept beside the data, for our eyes only. */
export class LocalSecrets {
  #file;

  constructor(dataDir, env) {
    this.#file = path.join(dataDir, 'local.json');
    const kept = fs.existsSync(this.#file) ? JSON.parse(fs.readFileSync(this.#file, 'utf8')) : {};
    this.admin = kept.admin ?? { email: 'admin@dibs.local', password: randomBytes(12).toString('base64url') };
    this.client = kept.client ?? { id: 'npm-start', secret: randomBytes(32).toString('base64url') };
    this.apiToken = kept.apiToken ?? null;
    this.save();
    // given ones count for this run and are not written down
    if (env.DIBS_ADMIN_EMAIL && env.DIBS_ADMIN_PASSWORD) {
      this.admin = { email: env.DIBS_ADMIN_EMAIL, password: null };
    }
    if (env.DIBS_BOOTSTRAP_CLIENT_ID && env.DIBS_BOOTSTRAP_CLIENT_SECRET) {
      this.client = { id: env.DIBS_BOOTSTRAP_CLIENT_ID, secret: env.DIBS_BOOTSTRAP_CLIENT_SECRET };
    }
  }

  rememberApiToken(token) {
    this.apiToken = token;
    const kept = JSON.parse(fs.readFileSync(this.#file, 'utf8'));
    this.#write({ ...kept, apiToken: token });
  }

  save() {
    this.#write({ admin: this.admin, client: this.client, apiToken: this.apiToken });
  }

  /** Renamed into place, so that a kill in the middle leaves the old file. */
  #write(content) {
    const unfinished = `${this.#file}.new`;
    fs.writeFileSync(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    fs.renameSync(unfinished, this.#file);
  }
}
