/** A process of its own that takes from one bucket: `taker-process.ts <database> <takes> <per minute>`. It begins when its input ends. */
import { text } from 'node:stream/consumers';
import { openRateStore } from '../../src/postgres/rate-buckets.ts';

const [url = '', takes, rate] = process.argv.slice(2);
const store = openRateStore({ url });
try {
  const buckets = store.ofProject('limits');
  const perMinute = Number(rate);
  // Connected before it says so.
  await buckets.take('another', { perMinute, amount: 1 });
  process.stdout.write('ready\n');
  await text(process.stdin);
  const all = Array.from({ length: Number(takes) }, () => buckets.take('shared', { perMinute, amount: 1 }));
  process.stdout.write(JSON.stringify(await Promise.all(all)));
} finally {
  await store.close();
}
