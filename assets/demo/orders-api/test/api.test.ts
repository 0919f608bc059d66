import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Customer } from '../src/domain/customer.ts';
import type { Order } from '../src/domain/order.ts';
import { startServer, type TestClient } from './start-server.ts';

type OrderJson = Omit<Order, 'createdAt'> & { createdAt: string };

const ada = { name: 'Ada', email: 'ada@example.org', region: 'DE' };

async function placeOrder(api: TestClient): Promise<string> {
  const customer = await api.post<Customer>('/customers', ada);
  const lines = [{ sku: 'BOOK', quantity: 2, unitCents: 1_000 }];
  const order = await api.post<OrderJson>('/orders', { customerId: customer.json.id, lines });
  return order.json.id;
}

test('the service says that it is up', async (context) => {
  const api = await startServer(context);
  assert.deepEqual((await api.get('/health')).json, { status: 'ok' });
});

test('an order is placed, priced and found again', async (context) => {
  const api = await startServer(context);
  const id = await placeOrder(api);
  const { json: order } = await api.get<OrderJson>(`/orders/${id}`);
  assert.equal(order.status, 'placed');
  assert.equal(order.price.totalCents, 2_380);
  assert.equal(order.createdAt, '2026-03-29T01:30:00.000Z');
});

test('an order moves on to paid', async (context) => {
  const api = await startServer(context);
  const id = await placeOrder(api);
  const moved = await api.post(`/orders/${id}/status`, { status: 'paid' });
  assert.equal(moved.status, 200);
  assert.equal((await api.get<OrderJson[]>('/orders?status=paid')).json.length, 1);
  assert.equal((await api.get<OrderJson[]>('/orders?status=placed')).json.length, 0);
});

test('an impossible move is a conflict and changes nothing', async (context) => {
  const api = await startServer(context);
  const id = await placeOrder(api);
  const moved = await api.post(`/orders/${id}/status`, { status: 'delivered' });
  assert.equal(moved.status, 409);
  assert.equal((await api.get<OrderJson>(`/orders/${id}`)).json.status, 'placed');
});

test('an order of nobody is refused', async (context) => {
  const api = await startServer(context);
  const lines = [{ sku: 'BOOK', quantity: 1, unitCents: 1_000 }];
  const answer = await api.post<{ problems: string[] }>('/orders', { customerId: 'customer-9', lines });
  assert.equal(answer.status, 422);
  assert.deepEqual(answer.json.problems, ['there is no customer customer-9']);
});

test('two customers cannot share an address', async (context) => {
  const api = await startServer(context);
  await api.post('/customers', ada);
  assert.equal((await api.post('/customers', ada)).status, 409);
});
