import { pino } from 'pino';
import type { Logger } from 'pino';
import type { LoggingSettings } from '../settings.js';

/** The server's own diagnostics, one JSON object a line on stdout. The output of jobs never goes here. */
export function createLogger(settings: LoggingSettings): Logger {
  return pino({
    level: settings.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
    redact: { paths: ['req.headers', '*.clientSecret', '*.password', '*.token', 'err.config'], censor: '[redacted]' },
  });
}

/** Message, code, stack and cause. Other properties of an error (a query's parameters, say) may hold secrets. */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : typeof error;
  return {
    type: error.name,
    message: error.message,
    code: (error as { code?: unknown }).code,
    stack: error.stack,
    cause: error.cause === undefined || depth > 3 ? undefined : describeError(error.cause, depth + 1),
  };
}
