import { randomUUID } from 'node:crypto';
import type { Customer } from './domain/customer.ts';
import type { Order } from './domain/order.ts';
import { InMemoryStore } from './storage/in-memory-store.ts';

/** What the routes work with; tests hand in their own clock and ids. */
export interface Dependencies {
  customers: InMemoryStore<Customer>;
  orders: InMemoryStore<Order>;
  newId: (kind: string) => string;
  now: () => Date;
}

export function createDependencies(overrides: Partial<Dependencies> = {}): Dependencies {
  return {
    customers: new InMemoryStore(),
    orders: new InMemoryStore(),
    newId: (kind) => `${kind}-${randomUUID()}`,
    now: () => new Date(),
    ...overrides,
  };
}
