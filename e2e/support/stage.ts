import { Installation, type InstallationOptions, type RunningRunner } from './installation.js';

/** Where scenarios that need the same installation are played, one after the other: starting one takes seconds. */
export class Stage {
  private static current: Stage | null = null;
  /** The runner of all scenarios that need just one. */
  common: RunningRunner | null = null;

  private constructor(
    readonly installation: Installation,
    private readonly options: string,
  ) {}

  /** The one that stands, if it is such a one; else a new one in its place. */
  static async for(options: InstallationOptions = {}): Promise<Stage> {
    const wanted = JSON.stringify(options);
    if (Stage.current?.options === wanted) return Stage.current;
    await Stage.clear();
    return (Stage.current = new Stage(await Installation.start(options), wanted));
  }

  /** Also when a play has failed: it may have left anything behind. */
  static async clear(): Promise<void> {
    const { current } = Stage;
    Stage.current = null;
    await current?.installation.stop();
  }
}
