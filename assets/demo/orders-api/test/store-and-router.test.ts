import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Router } from '../src/http/router.ts';
import { InMemoryStore } from '../src/storage/in-memory-store.ts';

const reply = (name: string) => () => ({ status: 200, body: name });

test('the store lists records in the order they were added', () => {
  const store = new InMemoryStore<{ id: string }>();
  store.add({ id: 'b' });
  store.add({ id: 'a' });
  assert.deepEqual(store.list(), [{ id: 'b' }, { id: 'a' }]);
});

test('changing what the store handed out does not change the store', () => {
  const store = new InMemoryStore<{ id: string; tags: string[] }>();
  store.add({ id: 'a', tags: [] });
  store.find('a')?.tags.push('changed');
  assert.deepEqual(store.find('a'), { id: 'a', tags: [] });
});

test('an id can be added only once', () => {
  const store = new InMemoryStore<{ id: string }>();
  store.add({ id: 'a' });
  assert.throws(() => store.add({ id: 'a' }), /already a record a/);
});

test('the router binds the named parts of a path', () => {
  const router = new Router();
  router.add('GET', '/orders/:id/lines/:sku', reply('line'));
  const match = router.match('GET', '/orders/7/lines/BOOK');
  assert.deepEqual(match.kind === 'found' && match.params, { id: '7', sku: 'BOOK' });
});

test('a fixed part wins over a named one', async () => {
  const router = new Router();
  router.add('GET', '/orders/:id', reply('one'));
  router.add('GET', '/orders/recent', reply('recent'));
  const match = router.match('GET', '/orders/recent');
  assert.ok(match.kind === 'found');
  const { body } = await match.handler({ params: {}, query: new URLSearchParams(), body: undefined });
  assert.equal(body, 'recent');
});

test('a known path with another method names the methods it has', () => {
  const router = new Router();
  router.add('GET', '/orders', reply('list'));
  router.add('POST', '/orders', reply('add'));
  assert.deepEqual(router.match('DELETE', '/orders'), { kind: 'other_method', allowed: ['GET', 'POST'] });
});
