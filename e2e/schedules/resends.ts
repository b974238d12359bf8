import { FrameReader } from '../support/web-socket-text.js';
import type { Listener } from '../support/tcp-proxy.js';

/** Less than any runner here waits for an answer (1 s), by as much as a busy machine may blur it. */
const TOO_SOON_MS = 500;
/** The one who listens was not listening: what was a second apart may have come at once. */
const STALL_MS = 200;
const TICK_MS = 50;

interface Sent {
  readonly atMs: number;
  /** It was refused, and may be sent again: nothing is said against this one any more. */
  refused: boolean;
}

interface Conversation {
  readonly readers: { readonly up: FrameReader; readonly down: FrameReader };
  /** What it asked, by the number that the answer will carry. */
  readonly asked: Map<string, readonly string[]>;
  /** The last sending of each report. */
  readonly sent: Map<string, Sent>;
  /** Of the log of each attempt: the last sending of its lines, by batches. */
  readonly logs: Map<string, readonly (Sent & { readonly lastSeq: number })[]>;
}

/**
 * I14: who sends a report again has seen a fault. Overhears what runners say and what they are answered, and holds
 * against them each claim, step, line and result that goes out a second time on one connection without a refusal that
 * allows it and sooner than anybody may give up waiting. Over a new connection everything may be sent once more: the cut
 * was the fault.
 */
export class Resends {
  readonly violations: string[] = [];
  /** Reports of all kinds, resent or not. Zero would mean that nothing was overheard. */
  heard = 0;
  private readonly conversations = new WeakMap<object, Conversation>();
  private readonly ticking: NodeJS.Timeout;
  private tickedAtMs: number;
  private stalledAtMs = -Infinity;

  constructor(private readonly nowMs: () => number = () => performance.now()) {
    this.tickedAtMs = nowMs();
    this.ticking = setInterval(() => this.tick(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.ticking);
  }

  /** For the proxy of this runner. */
  listener(runner: string): Listener {
    return (connection, way, data) => {
      const conversation = this.conversations.get(connection) ?? begin();
      this.conversations.set(connection, conversation);
      for (const text of conversation.readers[way].read(data)) {
        if (way === 'up') this.said(runner, conversation, text);
        else answered(conversation, text);
      }
    };
  }

  private said(runner: string, conversation: Conversation, text: string): void {
    const packet = packetOf(/^42\/runners,(\d+)(\[.*\])$/s, text);
    if (!packet) return;
    const [event, message] = packet.content as [string, Message];
    const reports = event === 'job:log' ? [] : reportsIn(event, message);
    conversation.asked.set(packet.id, event === 'job:log' ? [logOf(message)] : reports);
    if (event === 'job:log') this.noteLog(runner, conversation, message);
    for (const report of reports) {
      const before = conversation.sent.get(report);
      this.note(runner, report, before);
      conversation.sent.set(report, { atMs: this.nowMs(), refused: false });
    }
  }

  private noteLog(runner: string, { logs }: Conversation, message: Message): void {
    const before = logs.get(logOf(message)) ?? [];
    const again = before.filter(({ lastSeq }) => lastSeq >= message.firstSeq!);
    // whoever goes back to a batch sends again what came after it, too
    const [oldest] = again;
    this.note(runner, `${logOf(message)} ${message.firstSeq}`, oldest);
    const sent = { atMs: this.nowMs(), refused: oldest?.refused ?? false };
    const batch = { ...sent, lastSeq: message.firstSeq! + message.lines!.length - 1 };
    logs.set(logOf(message), [...before.filter((each) => !again.includes(each)), batch]);
  }

  private note(runner: string, report: string, before: Sent | undefined): void {
    this.heard += 1;
    this.tick();
    if (!before || before.refused || this.nowMs() - before.atMs >= TOO_SOON_MS) return;
    if (this.stalledAtMs >= before.atMs - TOO_SOON_MS) return;
    this.violations.push(`I14: ${runner} sent "${report}" again, and nothing had happened`);
  }

  private tick(): void {
    const nowMs = this.nowMs();
    if (nowMs - this.tickedAtMs > STALL_MS) this.stalledAtMs = nowMs;
    this.tickedAtMs = nowMs;
  }
}

interface Message {
  readonly jobId?: string;
  readonly attempt?: number;
  readonly step?: number;
  readonly firstSeq?: number;
  readonly lines?: readonly unknown[];
  readonly results?: readonly Message[];
  readonly claims?: readonly { readonly claimId: string }[];
}

interface Answer {
  readonly ok: boolean;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly results?: readonly Answer[];
}

function begin(): Conversation {
  const readers = { up: new FrameReader(), down: new FrameReader() };
  return { readers, asked: new Map(), sent: new Map(), logs: new Map() };
}

function reportsIn(event: string, { jobId, attempt, step, results, claims }: Message): string[] {
  if (event === 'job:claim') return claims!.map(({ claimId }) => `claim ${claimId}`);
  if (event === 'job:finished') return results!.map((result) => `result of ${result.jobId}/${result.attempt}`);
  return event.startsWith('step:') ? [`${event} ${jobId}/${attempt}/${step}`] : [];
}

function logOf({ jobId, attempt }: Message): string {
  return `log of ${jobId}/${attempt} from line`;
}

function answered({ asked, sent, logs }: Conversation, text: string): void {
  const packet = packetOf(/^43\/runners,(\d+)(\[.*\])$/s, text);
  const reports = packet && asked.get(packet.id);
  if (!reports) return;
  const [answer] = packet.content as [Answer];
  reports.forEach((report, index) => {
    // of results that are refused together each is sent alone
    const isRefused = (!answer.ok && reports.length > 1) || mayRepeat(answer) || mayRepeat(answer.results?.[index]);
    if (!isRefused) return;
    const last = sent.get(report);
    if (last) last.refused = true;
    // a result that is refused for its log has that sent again
    const log = report.replace(/^result of (.*)$/, 'log of $1 from line');
    for (const batch of logs.get(log) ?? []) batch.refused = true;
  });
}

/** E_GAP asks for what is missing. */
function mayRepeat(answer: Answer | undefined): boolean {
  return answer !== undefined && !answer.ok && (answer.retryable === true || answer.code === 'E_GAP');
}

function packetOf(form: RegExp, text: string): { readonly id: string; readonly content: unknown } | null {
  const match = form.exec(text);
  return match && { id: match[1]!, content: JSON.parse(match[2]!) };
}
