import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import type { Problem } from '@dibs/shared';
import { databaseUnavailable } from '../../database/database.js';
import { isDatabaseUnavailable } from '../../database/database-errors.js';
import { AppError } from '../errors.js';

const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'malformed_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'body_too_large',
  414: 'url_too_long',
  415: 'unsupported_media_type',
  431: 'headers_too_large',
  503: 'unavailable',
};

/** Anything that was thrown, as an error a caller may see. What is not known to be harmless becomes a plain 500. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (isDatabaseUnavailable(error)) return databaseUnavailable(error);
  if (error instanceof HttpException && error.getStatus() < 500) {
    const status = error.getStatus();
    return new AppError(status, CODE_OF_STATUS[status] ?? 'refused', DETAIL_OF_STATUS[status] ?? error.message);
  }
  return new AppError(500, 'internal_error', 'Something went wrong on the server. The request id is in its log.', {
    cause: error,
  });
}

const DETAIL_OF_STATUS: Readonly<Record<number, string>> = {
  413: 'The body is larger than this route takes.',
  // the framework's own words repeat the whole URL
  414: 'A part of the path is too long.',
  415: 'This route takes application/json.',
};

export function toProblem(error: AppError, requestId: string): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[error.status] ?? 'Error',
    status: error.status,
    code: error.code,
    detail: error.detail,
    requestId,
    ...(error.errors === undefined ? {} : { errors: error.errors }),
  };
}
