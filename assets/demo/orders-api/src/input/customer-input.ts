import type { Customer } from '../domain/customer.ts';
import { regions } from '../domain/tax.ts';
import { Fields, finishParsing, type Parsed } from './fields.ts';

export type CustomerInput = Omit<Customer, 'id'>;

export function parseCustomerInput(body: unknown): Parsed<CustomerInput> {
  const fields = new Fields(body);
  const name = fields.text('name', { maxLength: 100 });
  const email = fields.text('email', { maxLength: 254 }).toLowerCase();
  const region = fields.oneOf('region', regions) ?? 'US';
  if (email !== '' && !/^[^@\s]+@[^@\s]+$/.test(email))
    fields.problems.push('email must be an e-mail address');
  return finishParsing(fields, { name, email, region });
}
