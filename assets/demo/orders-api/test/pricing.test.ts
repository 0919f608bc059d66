import assert from 'node:assert/strict';
import { test } from 'node:test';
import { couponDiscount } from '../src/domain/discount.ts';
import { priceOrder } from '../src/domain/pricing.ts';
import { taxOn } from '../src/domain/tax.ts';

const twoBooks = [{ sku: 'BOOK', quantity: 2, unitCents: 1_000 }];

test('tax follows the region of the customer', () => {
  assert.equal(taxOn(10_000, 'DE'), 1_900);
  assert.equal(taxOn(10_000, 'FR'), 2_000);
});

test('a rate with a fraction is rounded to a whole cent', () => {
  assert.equal(taxOn(999, 'CH'), 81);
});

test('there is no tax in the US', () => {
  assert.equal(taxOn(10_000, 'US'), 0);
});

test('an order without a coupon has no discount', () => {
  assert.equal(couponDiscount(2_000, null), 0);
});

test('a percent coupon takes off its share', () => {
  assert.equal(couponDiscount(2_000, { kind: 'percent', percent: 25 }), 500);
});

test('an amount coupon takes off what it says', () => {
  assert.equal(couponDiscount(2_000, { kind: 'amount', cents: 300 }), 300);
});

test('a coupon never takes off more than the order is worth', () => {
  assert.equal(couponDiscount(2_000, { kind: 'amount', cents: 5_000 }), 2_000);
});

test('the subtotal is the sum of quantity times unit price', () => {
  const lines = [...twoBooks, { sku: 'PEN', quantity: 3, unitCents: 150 }];
  assert.equal(priceOrder(lines, null, 'US').subtotalCents, 2_450);
});

test('the total is the subtotal and its tax', () => {
  assert.deepEqual(priceOrder(twoBooks, null, 'DE'), {
    subtotalCents: 2_000,
    discountCents: 0,
    taxCents: 380,
    totalCents: 2_380,
  });
});

test('tax is charged on what a coupon leaves', () => {
  assert.deepEqual(priceOrder(twoBooks, { kind: 'amount', cents: 500 }, 'DE'), {
    subtotalCents: 2_000,
    discountCents: 500,
    taxCents: 285,
    totalCents: 1_785,
  });
});
