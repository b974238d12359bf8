import { describe, expect, test } from '@jest/globals';
import { RouteTable } from './route-table.js';

function table(): RouteTable {
  const routes = new RouteTable();
  routes.add('GET', '/api/jobs');
  routes.add(['POST'], '/api/jobs');
  routes.add('GET', '/api/jobs/:id');
  routes.add('DELETE', '/api/jobs/:id');
  routes.add('POST', '/api/jobs/bulk');
  return routes;
}

describe('RouteTable', () => {
  test('names the methods of a path', () => {
    expect(table().methodsFor('/api/jobs')).toEqual(['GET', 'POST']);
  });

  test('a parameter stands for one part that is not empty', () => {
    expect(table().methodsFor('/api/jobs/42')).toEqual(['DELETE', 'GET']);
    expect(table().methodsFor('/api/jobs/bulk')).toEqual(['DELETE', 'GET', 'POST']);
    expect(table().methodsFor('/api/jobs/')).toEqual([]);
    expect(table().methodsFor('/api/jobs/42/x')).toEqual([]);
  });

  test('knows nothing of other paths', () => {
    expect(table().methodsFor('/api')).toEqual([]);
    expect(table().methodsFor('/API/jobs')).toEqual([]);
  });
});
