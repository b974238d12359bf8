import type { Readable } from 'node:stream';
import { applyDecorators } from '@nestjs/common';
import { ApiConsumes } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest, RouteOptions } from 'fastify';
import { AppError } from '../errors.js';

export const BYTES_TYPE = 'application/octet-stream';
/** RFC 9512 */
export const YAML_TYPE = 'application/yaml';
/** Content types that say more of the bytes. */
export const ARCHIVE_TYPES = ['application/gzip', 'application/x-tar', 'application/zip'];

interface BodyConfig {
  readonly takesBytes?: boolean;
  readonly takesYaml?: boolean;
  readonly jsonLimitBytes?: number;
}

/** The body of this route is bytes, handed over as they arrive: read them with `piecesOf`. */
export function TakesBytes(types: readonly string[] = [BYTES_TYPE]): MethodDecorator {
  return applyDecorators(RouteConfig({ takesBytes: true } satisfies BodyConfig), ApiConsumes(...types));
}

/** The JSON of this route may be larger than that of others. */
export function TakesJsonUpTo(bytes: number): MethodDecorator {
  return RouteConfig({ jsonLimitBytes: bytes } satisfies BodyConfig);
}

/** The body of this route may be YAML too, handed over as the bytes that were sent. */
export function TakesYamlUpTo(bytes: number): MethodDecorator {
  const config: BodyConfig = { takesYaml: true, jsonLimitBytes: bytes };
  return applyDecorators(RouteConfig(config), ApiConsumes(YAML_TYPE, 'application/json'));
}

/** For `onRoute`: Nest has no other way to give a route its own limit. */
export function applyBodyLimit(route: RouteOptions): void {
  const { jsonLimitBytes } = (route.config ?? {}) as BodyConfig;
  if (jsonLimitBytes !== undefined) route.bodyLimit = jsonLimitBytes;
}

/** @returns why this request may not send bytes; undefined: it may */
export function refuseBytes({ is404, routeOptions }: FastifyRequest): AppError | undefined {
  const { takesBytes } = routeOptions.config as BodyConfig;
  if (takesBytes || is404) return undefined;
  return otherTypeExpected(routeOptions.config);
}

/** @returns why this request may not send YAML; undefined: it may */
export function refuseYaml({ is404, routeOptions }: FastifyRequest): AppError | undefined {
  const { takesYaml } = routeOptions.config as BodyConfig;
  return takesYaml || is404 ? undefined : otherTypeExpected(routeOptions.config);
}

export function otherTypeExpected(config: unknown): AppError {
  const taken = (config as BodyConfig).takesYaml ? `${YAML_TYPE} or application/json` : 'application/json';
  return new AppError(415, 'unsupported_media_type', `This route takes ${taken}.`);
}

/**
 * The body in pieces of one size, the last one smaller. Nothing is read before the piece is wanted, so a slow reader holds
 * back the sender.
 *
 * @throws AppError 413 as soon as there is more than allowed, 400 when the connection breaks, 415 for JSON
 */
export async function* piecesOf(
  body: unknown,
  { pieceBytes, maxBytes }: { readonly pieceBytes: number; readonly maxBytes: number },
): AsyncGenerator<Buffer> {
  let [waiting, waitingBytes, totalBytes]: [Buffer[], number, number] = [[], 0, 0];
  for await (const chunk of chunksOf(body)) {
    totalBytes += chunk.length;
    if (totalBytes > maxBytes) {
      throw new AppError(413, 'body_too_large', `The body may have at most ${maxBytes} bytes.`);
    }
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes < pieceBytes) continue;
    const all = Buffer.concat(waiting);
    let start = 0;
    for (; all.length - start >= pieceBytes; start += pieceBytes) yield all.subarray(start, start + pieceBytes);
    waiting = [all.subarray(start)];
    waitingBytes = all.length - start;
  }
  if (waitingBytes > 0) yield Buffer.concat(waiting);
}

async function* chunksOf(body: unknown): AsyncGenerator<Buffer> {
  if (body === undefined || body === null) return;
  if (typeof (body as Partial<Readable>)[Symbol.asyncIterator] !== 'function') {
    throw new AppError(
      415,
      'unsupported_media_type',
      'This route takes bytes: send them as they are, as application/octet-stream say.',
    );
  }
  try {
    yield* body as Readable;
  } catch (cause) {
    throw new AppError(400, 'body_incomplete', 'The connection broke before the body was complete.', { cause });
  }
}
