/**
 * Grows by one with every change of meaning on the runner link. The runner names its version in the handshake;
 * the server turns away what it cannot speak with E_PROTOCOL_VERSION, and the message says which versions it speaks.
 */
export const PROTOCOL_VERSION = 2;
export const OLDEST_SUPPORTED_PROTOCOL_VERSION = 2;
