import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCustomerInput } from '../src/input/customer-input.ts';
import { parseOrderInput } from '../src/input/order-input.ts';

const line = { sku: 'BOOK', quantity: 2, unitCents: 1_000 };

function problemsOfOrder(body: unknown): readonly string[] {
  const parsed = parseOrderInput(body);
  return parsed.ok ? [] : parsed.problems;
}

function problemsOfCustomer(body: unknown): readonly string[] {
  const parsed = parseCustomerInput(body);
  return parsed.ok ? [] : parsed.problems;
}

test('a complete order is accepted', () => {
  const coupon = { kind: 'percent', percent: 10 };
  assert.deepEqual(parseOrderInput({ customerId: 'c-1', lines: [line], coupon }), {
    ok: true,
    value: { customerId: 'c-1', lines: [line], coupon },
  });
});

test('an order needs no coupon', () => {
  assert.deepEqual(problemsOfOrder({ customerId: 'c-1', lines: [line] }), []);
});

test('an order needs at least one line', () => {
  assert.deepEqual(problemsOfOrder({ customerId: 'c-1', lines: [] }), ['lines must be a list with entries']);
});

test('a quantity is a positive whole number', () => {
  assert.deepEqual(problemsOfOrder({ customerId: 'c-1', lines: [{ ...line, quantity: 0 }] }), [
    'lines[0].quantity must be between 1 and 100000',
  ]);
  assert.deepEqual(problemsOfOrder({ customerId: 'c-1', lines: [{ ...line, quantity: 1.5 }] }), [
    'lines[0].quantity must be a whole number',
  ]);
});

test('a coupon cannot take off more than a hundred percent', () => {
  assert.deepEqual(
    problemsOfOrder({ customerId: 'c-1', lines: [line], coupon: { kind: 'percent', percent: 120 } }),
    ['coupon.percent must be between 1 and 100'],
  );
});

test('every problem of an order is reported at once', () => {
  assert.deepEqual(problemsOfOrder({ lines: [{ sku: '', quantity: 1, unitCents: -1 }] }), [
    'customerId must be a text',
    'lines[0].sku must be a text',
    'lines[0].unitCents must be between 0 and 100000000',
  ]);
});

test('a body that is not an object is refused', () => {
  assert.equal(problemsOfOrder('two books, please')[0], 'the body must be a JSON object');
});

test('an e-mail address is kept in lower case', () => {
  assert.deepEqual(parseCustomerInput({ name: ' Ada ', email: 'Ada@Example.org', region: 'DE' }), {
    ok: true,
    value: { name: 'Ada', email: 'ada@example.org', region: 'DE' },
  });
});

test('a customer needs an address that can be one', () => {
  assert.deepEqual(problemsOfCustomer({ name: 'Ada', email: 'ada', region: 'DE' }), [
    'email must be an e-mail address',
  ]);
});

test('an unknown region is refused with the known ones', () => {
  assert.deepEqual(problemsOfCustomer({ name: 'Ada', email: 'ada@example.org', region: 'XX' }), [
    'region must be one of CH, DE, FR, US',
  ]);
});
