import { expect } from '@jest/globals';
import type { JobId, JobSummary, WireLogLine } from '@dibs/shared';
import { LogIngestService } from '../../src/logs/log-ingest.service.js';
import type { TestAttempt } from './job-fixtures.js';
import type { TestResponse, TestServer } from './test-server.js';

export interface LogTools {
  submit: () => Promise<JobId>;
  /** Stores lines as the runner that holds the attempt would. */
  print: (held: TestAttempt, firstSeq: number, lines: WireLogLine[]) => Promise<void>;
  logs: <Body = string>(id: JobId, query: string) => Promise<TestResponse<Body>>;
}

export function logTools(server: TestServer): LogTools {
  const ingest = server.app.get(LogIngestService, { strict: false });
  return {
    submit: async () => {
      const { body } = await server.request<JobSummary>('POST', '/api/v1/jobs', { steps: [{ run: 'true' }] });
      return body.id;
    },
    print: async ({ jobId, attempt, claimToken, ...by }, firstSeq, lines) => {
      expect(await ingest.append({ jobId, attempt, claimToken, firstSeq, lines }, by)).toMatchObject({ ok: true });
    },
    logs: (id, query) => server.request('GET', `/api/v1/jobs/${id}/logs?${query}`),
  };
}
