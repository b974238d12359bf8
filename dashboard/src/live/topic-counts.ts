import type { LiveTopic } from '@dibs/shared';

/** How many parts of the page watch each topic: the first one opens the watch, the last one ends it. */
export class TopicCounts {
  private readonly counts = new Map<string, { readonly topic: LiveTopic; count: number }>();

  /** @returns true: it is the first */
  add(topic: LiveTopic): boolean {
    const entry = this.counts.get(topicKey(topic));
    if (entry) entry.count += 1;
    else this.counts.set(topicKey(topic), { topic, count: 1 });
    return !entry;
  }

  /** @returns true: it was the last */
  remove(topic: LiveTopic): boolean {
    const entry = this.counts.get(topicKey(topic));
    if (!entry) return false;
    entry.count -= 1;
    return entry.count === 0 && this.counts.delete(topicKey(topic));
  }

  all(): LiveTopic[] {
    return [...this.counts.values()].map(({ topic }) => topic);
  }
}

export function topicKey(topic: LiveTopic): string {
  return topic.topic === 'job' ? `job:${topic.jobId}` : topic.topic;
}
