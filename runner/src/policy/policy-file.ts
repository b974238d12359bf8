import type { Logger } from 'pino';
import { readRegularFile } from '../storage/read-regular-file.js';
import { POLICY_SCHEMA, type Policy } from './policy.schema.js';

/** Either what the file says, or why that cannot be told. */
export type PolicyReading =
  { readonly policy: Policy; readonly problem: null } | { readonly policy: null; readonly problem: string };

/**
 * The policy of this host. The file is read for each decision, so that a change counts from then on; it is parsed again only
 * when its text is another.
 */
export class PolicyFile {
  private text: string | null = null;
  private reading: PolicyReading | null = null;

  constructor(
    private readonly path: string,
    private readonly log: Logger,
  ) {}

  async read(): Promise<PolicyReading> {
    const text = await this.readText();
    if (typeof text !== 'string') return this.remember(null, { policy: null, problem: text.problem });
    return text === this.text && this.reading ? this.reading : this.remember(text, parse(text));
  }

  private async readText(): Promise<string | { readonly problem: string }> {
    try {
      const content = await readRegularFile(this.path, (bytes) => bytes <= MAX_BYTES);
      return content?.toString('utf8') ?? { problem: `is larger than ${MAX_BYTES} bytes` };
    } catch (error) {
      return { problem: (error as Error).message };
    }
  }

  /** Each change is told once. */
  private remember(text: string | null, reading: PolicyReading): PolicyReading {
    const isNews = text !== this.text || reading.problem !== this.reading?.problem;
    this.text = text;
    this.reading = reading;
    const { path } = this;
    if (isNews && reading.problem !== null) {
      this.log.error({ path, problem: reading.problem }, 'the policy file is no policy: every job is refused');
    } else if (isNews) this.log.info({ path }, 'policy read');
    return reading;
  }
}

function parse(text: string): PolicyReading {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { policy: null, problem: 'is not JSON' };
  }
  const checked = POLICY_SCHEMA.safeParse(content);
  if (checked.success) return { policy: checked.data, problem: null };
  const issue = checked.error.issues[0];
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys : [];
  const at = [...(issue?.path ?? []), ...keys].join('.');
  const what = keys.length > 0 ? 'is no rule' : (issue?.message ?? 'is wrong');
  return { policy: null, problem: `is not right: ${at === '' ? 'it' : at} ${what}` };
}

const MAX_BYTES = 1024 * 1024;
