import { Matches, ValidateBy, ValidateIf, buildMessage, type ValidationOptions } from 'class-validator';

/** Bounds of what a runner may say. They keep every message but a log batch far below the event limit. */
export const MESSAGE_LIMITS = {
  /** Claims in one message. */
  claims: 1_000,
  /** Results in one message. */
  results: 500,
  /** Steps count from 0; -1 is the preparation. */
  lastStep: 999,
  /** Attempts one instance may hold, its unreported ones included. */
  held: 2_000,
  slots: 1_000,
  tools: 200,
  labels: 50,
  labelKeyLength: 128,
  labelValueLength: 256,
} as const;

export const INSTANCE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;
const LABEL_KEY = /^[A-Za-z0-9_][A-Za-z0-9._/-]*$/;
/** One line that PostgreSQL can store: no control characters (NUL among them) and no lone surrogates. */
const PLAIN_LINE = /^[^\p{Cc}\p{Cs}]*$/u;

/** A UUID as Dibs writes it. Upper case would be the same id in the database and another one in memory. */
export function IsId(): PropertyDecorator {
  return Matches(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, {
    message: '$property must be a UUID in lower case',
  });
}

/** One line of ordinary text. */
export function IsPlainLine(minLength: number, maxLength: number): PropertyDecorator {
  const pattern = new RegExp(`^[^\\p{Cc}\\p{Cs}]{${minLength},${maxLength}}$`, 'u');
  return Matches(pattern, { message: `$property must be one line of ${minLength} to ${maxLength} characters` });
}

/** null is fine, absent is not: the message must say that there is nothing. */
export function OrNull(): PropertyDecorator {
  return ValidateIf((_message, value) => value !== null);
}

export function IsLabels(options?: ValidationOptions): PropertyDecorator {
  const validator = {
    name: 'isLabels',
    validator: {
      validate: isLabels,
      defaultMessage: buildMessage((each) => `${each}$property must be labels`, options),
    },
  };
  return ValidateBy(validator, options);
}

function isLabels(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return entries.length <= MESSAGE_LIMITS.labels && entries.every(([key, text]) => isKey(key) && isText(text));
}

function isKey(key: string): boolean {
  return key.length <= MESSAGE_LIMITS.labelKeyLength && LABEL_KEY.test(key);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MESSAGE_LIMITS.labelValueLength && PLAIN_LINE.test(value);
}
