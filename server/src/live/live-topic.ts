import type { JobId, LiveTopic } from '@dibs/shared';
import { UUID } from '../platform/page.js';

/** @returns the topic a viewer names; null: it is none */
export function readLiveTopic(message: unknown): LiveTopic | null {
  if (typeof message !== 'object' || message === null) return null;
  const { topic, jobId } = message as { topic?: unknown; jobId?: unknown };
  if (topic === 'jobs' || topic === 'runners' || topic === 'pauses' || topic === 'runs') return { topic };
  if (topic !== 'job' || typeof jobId !== 'string' || !UUID.test(jobId)) return null;
  return { topic, jobId: jobId.toLowerCase() as JobId };
}

export function keyOfTopic(topic: LiveTopic): string {
  return topic.topic === 'job' ? `job ${topic.jobId}` : topic.topic;
}
