/** What an organization may pause. */
export const PAUSE_TARGET_TYPES = ['runner', 'lane', 'organization'] as const;
export type PauseTargetType = (typeof PAUSE_TARGET_TYPES)[number];

export interface PauseTargetBody {
  type: PauseTargetType;
  /** Id of the runner or organization, fingerprint of the lane (`lane` of a job). */
  id: string;
}

/** Body of `POST /api/v1/pauses`. */
export interface CreatePauseBody {
  target: PauseTargetBody;
  /** Why; shown to everybody whose jobs wait for it. */
  note: string;
}

/** Body of `POST /api/v1/maintenance`. */
export interface StartMaintenanceBody {
  note: string;
}

/**
 * A pause that holds: jobs are accepted and running ones go on, but nothing is given to the runner, of the lane, or of
 * the organization until it is lifted.
 */
export interface PauseView {
  readonly id: string;
  readonly target: { readonly type: PauseTargetType; readonly id: string };
  readonly note: string;
  /** Name of the user, service principal or API token that paused it. */
  readonly who: string;
  readonly since: string;
}

/** `GET /api/v1/maintenance`, readable by everybody who is signed in. */
export interface MaintenanceView {
  /** null: the installation works as ever. */
  readonly maintenance: { readonly note: string; readonly since: string } | null;
  /** Whether the caller may begin and end it: owners of the organization that operates the installation. */
  readonly mayControl: boolean;
}
