/** The child's half of run-in-children.ts: takes orders by message and sends back what came of each. Loads nothing of the product. */

/** The child ends when its parent lets go of it, and with an error when an order cannot be carried out. */
export function serveOrders<Order, Outcome>(carryOut: (order: Order) => Promise<Outcome>): void {
  process.on('message', (order) => {
    carryOut(order as Order).then(
      (outcome) => process.send?.(outcome),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
}
