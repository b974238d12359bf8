/** A setting is bad or missing. The message is one line that names it and says what is allowed. */
export class SettingsError extends Error {}
