import type { LoggerService } from '@nestjs/common';
import type { Level, Logger as Pino } from 'pino';

/**
 * Nest's Logger on pino: JSON lines on stdout, ids as fields. `logger.warn({ jobId }, 'text')` becomes
 * `{"level":"warn","jobId":…,"msg":"text","context":…}`.
 */
export class NestLogger implements LoggerService {
  constructor(private readonly pino: Pino) {}

  log(...args: unknown[]): void {
    this.write('info', args);
  }

  warn(...args: unknown[]): void {
    this.write('warn', args);
  }

  error(...args: unknown[]): void {
    this.write('error', args);
  }

  fatal(...args: unknown[]): void {
    this.write('fatal', args);
  }

  /** Nest calls its chatter "log" and its details "debug" and "verbose"; ours keep those levels. */
  debug(...args: unknown[]): void {
    this.write('debug', args);
  }

  verbose(...args: unknown[]): void {
    this.write('trace', args);
  }

  /** Nest appends the name of the class that logs; before it come the message and, for errors, a stack. */
  private write(level: Level, [first, ...rest]: unknown[]): void {
    const context = rest.pop();
    // what Nest tells about its own start is of interest only to who debugs it; its one error is that it cannot
    // listen, which listen() rejects with as well
    const isChatter = level === 'info' ? NEST_CHATTER.has(String(context)) : context === 'NestApplication';
    const shown = isChatter ? 'debug' : level;
    if (first instanceof Error) this.pino[shown]({ context, err: first }, first.message);
    else if (typeof first === 'object' && first !== null) this.pino[shown]({ ...first, context }, textOf(rest));
    else this.pino[shown](rest.length === 0 ? { context } : { context, stack: rest[0] }, String(first));
  }
}

const NEST_CHATTER = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
  'WebSocketsController',
]);

function textOf(rest: readonly unknown[]): string | undefined {
  return typeof rest[0] === 'string' ? rest[0] : undefined;
}
