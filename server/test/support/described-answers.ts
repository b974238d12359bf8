/** The part of an OpenAPI 3.0 schema that this server's document uses. */
interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >;
}

/** Every answer of success of every operation, with the schemas of what it holds. */
export function describedSuccesses(document: OpenApiDocument) {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { responses }]) => ({
      operation: `${method.toUpperCase()} ${path}`,
      successes: Object.entries(responses)
        .filter(([status]) => status.startsWith('2'))
        .map(([status, { content = {} }]) => ({ status, schemas: Object.values(content).map(({ schema }) => schema) })),
    })),
  );
}

/** What of a real answer is not as it is described, or is not described at all; nothing: all of it is. */
export function deviations(document: OpenApiDocument, schema: Schema, value: unknown, at = 'body'): string[] {
  const {
    type,
    nullable,
    properties,
    additionalProperties,
    items,
    required = [],
    ...described
  } = resolve(document, schema);
  if (value === null) return nullable ? [] : [`${at} is null`];
  if (described.enum && !described.enum.includes(value)) return [`${at} is ${JSON.stringify(value)}`];
  if (type !== undefined && type !== typeOf(value, type)) return [`${at} is no ${type}: ${JSON.stringify(value)}`];
  if (Array.isArray(value)) {
    return items
      ? value.flatMap((item, index) => deviations(document, items, item, `${at}[${index}]`))
      : [`${at}: items?`];
  }
  if (typeof value !== 'object') return [];
  const missing = required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${at}.${name} is missing`);
  const present = Object.entries(value).flatMap(([name, inner]) => {
    const known = properties?.[name] ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
    if (known === undefined && additionalProperties === true) return [];
    return known ? deviations(document, known, inner, `${at}.${name}`) : [`${at}.${name} is not described`];
  });
  return [...missing, ...present];
}

function typeOf(value: unknown, wanted: string): string {
  if (Array.isArray(value)) return 'array';
  if (wanted === 'integer' && Number.isInteger(value)) return 'integer';
  return typeof value;
}

/** With what it refers to; `allOf` is how a reference gets a description of its own. */
function resolve(document: OpenApiDocument, { $ref, allOf = [], ...own }: Schema): Schema {
  const parts = allOf.map((part) => resolve(document, part));
  const name = $ref?.replace('#/components/schemas/', '');
  if (name !== undefined) {
    const found = document.components.schemas[name];
    if (found === undefined) throw new Error(`${$ref} leads nowhere`);
    parts.push(resolve(document, found));
  }
  return Object.assign({}, ...parts, own) as Schema;
}
