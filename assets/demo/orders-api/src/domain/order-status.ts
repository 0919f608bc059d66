/** `placed → paid → shipped → delivered`; an order can be cancelled until it is shipped. */
export type OrderStatus = 'placed' | 'paid' | 'shipped' | 'delivered' | 'cancelled';

const next: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  placed: ['paid', 'cancelled'],
  paid: ['shipped', 'cancelled'],
  shipped: ['delivered'],
  delivered: [],
  cancelled: [],
};

export const orderStatuses = Object.keys(next) as readonly OrderStatus[];

export function canMove(from: OrderStatus, to: OrderStatus): boolean {
  return next[from].includes(to);
}

/** Nothing can happen to the order any more. */
export function isFinal(status: OrderStatus): boolean {
  return next[status].length === 0;
}
