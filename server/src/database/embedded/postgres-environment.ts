const KEPT = ['PATH', 'SystemRoot', 'TEMP', 'TMP'] as const;

/** Nothing of ours reaches the database: PGDATA, PGPORT and the like would change what it does. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  const kept = KEPT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}
