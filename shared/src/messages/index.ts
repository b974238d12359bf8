export * from './claim.message.js';
export { INSTANCE_NAME, MESSAGE_LIMITS } from './constraints.js';
export * from './finished.message.js';
export * from './handshake.message.js';
export * from './held-attempt.message.js';
export * from './hello.message.js';
export * from './read-message.js';
export * from './renew.message.js';
export * from './step.message.js';
