import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOrder } from '../src/domain/order.ts';
import { canMove, isFinal, orderStatuses } from '../src/domain/order-status.ts';

const customer = { id: 'c-1', name: 'Ada', email: 'ada@example.org', region: 'DE' } as const;

test('an order goes from placed to delivered step by step', () => {
  assert.ok(canMove('placed', 'paid'));
  assert.ok(canMove('paid', 'shipped'));
  assert.ok(canMove('shipped', 'delivered'));
});

test('an order cannot skip a step', () => {
  assert.equal(canMove('placed', 'shipped'), false);
});

test('an order can be cancelled until it is shipped', () => {
  assert.deepEqual(
    orderStatuses.filter((status) => canMove(status, 'cancelled')),
    ['placed', 'paid'],
  );
});

test('only delivered and cancelled are final', () => {
  assert.deepEqual(orderStatuses.filter(isFinal), ['delivered', 'cancelled']);
});

test('a new order is placed and priced with the tax of its customer', () => {
  const lines = [{ sku: 'BOOK', quantity: 1, unitCents: 1_000 }];
  const order = placeOrder({ customerId: 'c-1', lines, coupon: null }, customer, 'o-1', new Date(0));
  assert.equal(order.status, 'placed');
  assert.equal(order.price.totalCents, 1_190);
});
