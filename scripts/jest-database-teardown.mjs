export { stopTestDatabase as default } from './jest-database.mjs';
