import type { Dependencies } from '../dependencies.ts';
import { placeOrder } from '../domain/order.ts';
import { canMove, orderStatuses } from '../domain/order-status.ts';
import { conflict, invalidInput, notFound } from '../http/http-error.ts';
import type { Router } from '../http/router.ts';
import { Fields } from '../input/fields.ts';
import { parseOrderInput } from '../input/order-input.ts';

export function addOrderRoutes(router: Router, { orders, customers, newId, now }: Dependencies): void {
  router.add('POST', '/orders', ({ body }) => {
    const input = parseOrderInput(body);
    if (!input.ok) throw invalidInput(input.problems);
    const customer = customers.find(input.value.customerId);
    if (customer === undefined) throw invalidInput([`there is no customer ${input.value.customerId}`]);
    const order = placeOrder(input.value, customer, newId('order'), now());
    orders.add(order);
    return { status: 201, body: order };
  });

  router.add('GET', '/orders', ({ query }) => {
    const status = query.get('status');
    const customerId = query.get('customer');
    const found = orders.list(
      (order) =>
        (status === null || order.status === status) &&
        (customerId === null || order.customerId === customerId),
    );
    return { status: 200, body: found };
  });

  router.add('GET', '/orders/:id', ({ params: { id = '' } }) => {
    const order = orders.find(id);
    if (order === undefined) throw notFound(`order ${id}`);
    return { status: 200, body: order };
  });

  router.add('POST', '/orders/:id/status', ({ params: { id = '' }, body }) => {
    const order = orders.find(id);
    if (order === undefined) throw notFound(`order ${id}`);
    const fields = new Fields(body);
    const status = fields.oneOf('status', orderStatuses);
    if (status === undefined) throw invalidInput(fields.problems);
    if (!canMove(order.status, status)) throw conflict(`a ${order.status} order cannot become ${status}`);
    return { status: 200, body: orders.update(id, { status }) };
  });
}
