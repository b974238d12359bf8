/** The `ObjectStore` of this server; null: it has none. */
export const LOG_ARCHIVE = Symbol('LogArchive');
