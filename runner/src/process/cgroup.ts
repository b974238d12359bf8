/** Where this runner makes one control group per process tree. */
export interface CgroupRoot {
  readonly folder: string;
  readonly version: 1 | 2;
}

/** @param name distinguishes runners on one host, e.g. the instance name. null: the host does not allow it. Never rejects. */
export function openCgroupRoot(_name: string): Promise<CgroupRoot | null> {
  throw new Error('in work');
}

/** Removes what `openCgroupRoot` made; call it when the runner ends. Never rejects. */
export function closeCgroupRoot(_root: CgroupRoot | null): Promise<void> {
  throw new Error('in work');
}
