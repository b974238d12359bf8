import {
  boolCoreTag,
  EVENT_ALIAS,
  EVENT_DOCUMENT,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  floatCoreTag,
  getScalarValue,
  intCoreTag,
  NOT_RESOLVED,
  nullCoreTag,
  parseEvents,
  SCALAR_STYLE_PLAIN,
  YAMLException,
  type Event,
  type ScalarEvent,
} from 'js-yaml';
import { badRequest } from '../platform/errors.js';
import { problemOfName, problemOfText } from '../platform/http/json-body.js';
import { positionIn, type DefinitionText, type Place, type Position } from './definition-text.js';

const MAX_DEPTH = 32;
/** Lines, commas, brackets and the like, each of which can begin a value. More of them than this take seconds to read. */
const MAX_MARKS = 500_000;
const MARKS = /[\n,[\]{}]|[:?-](?=[ \n])/g;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * One YAML document of mappings, lists and scalars of the core schema. No anchors, aliases and tags: nothing is larger than
 * it was sent, and nothing but data.
 *
 * @throws AppError 400 `malformed_yaml`, with the line and column
 */
export function readYaml(bytes: Buffer): DefinitionText {
  const text = decoded(bytes);
  if (countOf(MARKS, text) > MAX_MARKS) {
    throw badRequest('definition_too_large', `The definition has more than ${MAX_MARKS} lines, commas and brackets.`);
  }
  return new Reader(text).read(eventsOf(text));
}

function decoded(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw badRequest('malformed_yaml', 'The definition is not valid UTF-8.');
  }
}

function countOf(pattern: RegExp, text: string): number {
  let count = 0;
  pattern.lastIndex = 0;
  while (count <= MAX_MARKS && pattern.test(text)) count += 1;
  pattern.lastIndex = 0;
  return count;
}

function eventsOf(text: string): Event[] {
  try {
    return parseEvents(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw malformed(text, error.mark?.position ?? 0, `this is no YAML: ${error.reason}`);
  }
}

function malformed(text: string, offset: number, message: string) {
  const position = positionIn(text, offset);
  const { line, column } = position;
  return badRequest('malformed_yaml', `line ${line}, column ${column}: ${message}.`, [
    { path: '', message, ...position },
  ]);
}

interface Frame {
  readonly value: Record<string, unknown> | unknown[];
  readonly places: Map<string, Place>;
  /** Of a mapping, while its value is awaited. */
  key: { readonly name: string; readonly offset: number } | null;
}

/** Builds the value of the events, and beside it where everything was. Without recursion, as deep as the parser allows. */
class Reader {
  private readonly open: Frame[] = [];
  private documents = 0;
  private root: unknown = null;
  private places: ReadonlyMap<string, Place> = new Map();

  constructor(private readonly text: string) {}

  read(events: readonly Event[]): DefinitionText {
    for (const event of events) this.take(event);
    const { root: value, places, text } = this;
    return { value, positionOf: (path) => positionAt(text, places, path) };
  }

  private take(event: Event): void {
    if (event.type === EVENT_POP) return void this.open.pop();
    if (event.type === EVENT_DOCUMENT) {
      this.documents += 1;
      // its end is told like that of a mapping
      this.open.push({ value: [], places: new Map(), key: null });
      return;
    }
    this.refuseReferences(event);
    if (event.type === EVENT_SCALAR) return this.takeScalar(event);
    if (event.type === EVENT_ALIAS) return;
    const value = event.type === EVENT_MAPPING ? {} : [];
    const places = this.add(value, event.start, true);
    this.open.push({ value, places, key: null });
  }

  private refuseReferences(event: Exclude<Event, { type: typeof EVENT_POP | typeof EVENT_DOCUMENT }>): void {
    if (event.anchorStart >= 0) throw this.refused(event.anchorStart, 'anchors and aliases are not taken');
    if ('tagStart' in event && event.tagStart >= 0) throw this.refused(event.tagStart, 'tags are not taken');
  }

  private takeScalar(event: ScalarEvent): void {
    const source = getScalarValue(this.text, event);
    const offset = event.valueStart;
    const frame = this.open.at(-1)!;
    if (!Array.isArray(frame.value) && frame.key === null) return this.takeKey(frame, source, offset);
    const problem = problemOfText(source);
    if (problem !== null) throw this.refused(offset, problem);
    this.add(event.style === SCALAR_STYLE_PLAIN ? resolved(source) : source, offset);
  }

  private takeKey(frame: Frame, name: string, offset: number): void {
    const problem = problemOfText(name) ?? problemOfName(name);
    if (problem !== null) throw this.refused(offset, problem);
    if (frame.places.has(name)) throw this.refused(offset, `${JSON.stringify(name.slice(0, 64))} is here twice`);
    frame.key = { name, offset };
  }

  /** @returns where the places of what is inside the value go */
  private add(value: unknown, offset: number, isCollection = false): Map<string, Place> {
    const inner = new Map<string, Place>();
    const frame = this.open.at(-1)!;
    if (this.open.length === 1) {
      if (this.documents > 1) throw this.refused(offset, 'there may be one document only');
      this.root = value;
      this.places = inner;
    } else if (Array.isArray(frame.value)) {
      frame.places.set(String(frame.value.length), { offset, inner });
      frame.value.push(value);
    } else {
      if (frame.key === null) throw this.refused(offset, 'a key must be text');
      frame.value[frame.key.name] = value;
      frame.places.set(frame.key.name, { offset: frame.key.offset, inner: isCollection ? inner : null });
      frame.key = null;
    }
    return inner;
  }

  private refused(offset: number, message: string) {
    return malformed(this.text, offset, message);
  }
}

function resolved(source: string): unknown {
  for (const { resolve } of [nullCoreTag, boolCoreTag, intCoreTag, floatCoreTag]) {
    const value = resolve(source, false, '');
    if (value !== NOT_RESOLVED) return value;
  }
  return source;
}

/** Of the innermost part of the path that was written; of the whole, its first line. */
function positionAt(text: string, places: ReadonlyMap<string, Place>, path: readonly string[]): Position {
  let [offset, inside]: [number, ReadonlyMap<string, Place> | null] = [0, places];
  for (const name of path) {
    const place: Place | undefined = inside?.get(name);
    if (place === undefined) break;
    // what was left empty has no place of its own
    [offset, inside] = [place.offset < 0 ? offset : place.offset, place.inner];
  }
  return positionIn(text, offset);
}
