import type { Dependencies } from '../dependencies.ts';
import { conflict, invalidInput, notFound } from '../http/http-error.ts';
import type { Router } from '../http/router.ts';
import { parseCustomerInput } from '../input/customer-input.ts';

export function addCustomerRoutes(router: Router, { customers, newId }: Dependencies): void {
  router.add('POST', '/customers', ({ body }) => {
    const input = parseCustomerInput(body);
    if (!input.ok) throw invalidInput(input.problems);
    const { email } = input.value;
    if (customers.list((customer) => customer.email === email).length > 0) {
      throw conflict(`there is already a customer with the address ${email}`);
    }
    const customer = { id: newId('customer'), ...input.value };
    customers.add(customer);
    return { status: 201, body: customer };
  });

  router.add('GET', '/customers', () => ({ status: 200, body: customers.list() }));

  router.add('GET', '/customers/:id', ({ params: { id = '' } }) => {
    const customer = customers.find(id);
    if (customer === undefined) throw notFound(`customer ${id}`);
    return { status: 200, body: customer };
  });
}
