import type { Dependencies } from './dependencies.ts';
import { Router } from './http/router.ts';
import { addCustomerRoutes } from './routes/customers.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addOrderRoutes } from './routes/orders.ts';

export function createApp(dependencies: Dependencies): Router {
  const router = new Router();
  addCustomerRoutes(router, dependencies);
  addHealthRoutes(router);
  addOrderRoutes(router, dependencies);
  return router;
}
