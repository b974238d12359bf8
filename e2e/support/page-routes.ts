import fs from 'node:fs';
import path from 'node:path';

const APP = path.resolve(import.meta.dirname, '../../dashboard/src/app');

/** Every address that the dashboard has a page for, as its folders name them: `/jobs/[jobId]`. */
export function pageRoutes(): string[] {
  return fs
    .readdirSync(APP, { recursive: true, encoding: 'utf8' })
    .filter((file) => path.basename(file) === 'page.tsx')
    .map((file) => {
      // a folder in brackets groups pages and is no part of their address
      const parts = path.dirname(file).split(path.sep);
      return `/${parts.filter((part) => part !== '.' && !/^\(.*\)$/.test(part)).join('/')}`;
    })
    .sort();
}
