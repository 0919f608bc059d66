import { createApp } from './app.ts';
import { createDependencies } from './dependencies.ts';
import { createHttpServer } from './http/serve.ts';

const port = Number(process.env.PORT ?? 3000);

createHttpServer(createApp(createDependencies())).listen(port, '127.0.0.1', () => {
  console.log(`orders-api listens on http://127.0.0.1:${port}`);
});
