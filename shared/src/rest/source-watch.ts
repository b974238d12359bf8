/**
 * What is known about the commits of a module's git source: `GET /api/v1/modules/{id}/source-watch`. A runner looks, because
 * only runners have the credentials.
 */
export interface SourceWatch {
  /** Whether it is looked at: `triggerOnSourceChanged` is set, and the source is a branch, tag or range of versions. */
  readonly watched: boolean;
  /** Branch, tag, commit or range of versions; null: the default branch, or the module has no git source. */
  readonly revision: string | null;
  /** Full id of the commit that it was at the last time somebody could look; null: nobody could yet. */
  readonly resolved: string | null;
  /** null: never yet. */
  readonly checkedAt: string | null;
  /** The runner that looked, and the instance, as in `pool/pool-0`; null: no runner could be asked. */
  readonly checkedBy: string | null;
  /** What kept somebody from looking the last time; null: nothing did. */
  readonly error: string | null;
  /** null: not by itself, only when somebody says that the source has changed. */
  readonly nextCheckAt: string | null;
}

/** `POST /api/v1/source-notifications`: somebody has pushed to a repository. */
export interface NotifySourceBody {
  /** As modules name it; user, password, `.git` and `/` at the end, and the spelling of the host make no difference. */
  url: string;
  /** The branch or tag that moved. Absent: any of them. */
  revision?: string;
}

export interface SourceNotified {
  /** How many modules are looked at because of it, as soon as a runner can. */
  readonly modules: number;
}
