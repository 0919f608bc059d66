/** Has orders carried out by child processes, each by whoever is free. Their half is serve-orders.ts. */
import { type ChildProcess, fork, type Serializable } from 'node:child_process';

export interface ChildrenOptions<Order, Outcome> {
  /** File that each child runs; it calls serveOrders. */
  program: string;
  args: readonly string[];
  /** Of Node, for each child. */
  execArgv?: readonly string[];
  orders: readonly Order[];
  processes: number;
  /** A child then makes room for a fresh one: what was left behind by simulated deaths goes with it. Absent: it takes as many as there are. */
  ordersPerChild?: number;
  /** Called after each order. False: no further one is begun. */
  onOutcome: (outcome: Outcome) => boolean;
  signal: AbortSignal;
}

/** Resolves when all that were begun have ended, and the children with them. @throws when a child fails, or on abort. */
export async function runInChildren<Order extends Serializable, Outcome>(
  options: ChildrenOptions<Order, Outcome>,
): Promise<void> {
  const waiting = [...options.orders];
  const count = Math.min(options.processes, waiting.length);
  await Promise.all(
    Array.from({ length: count }, async () => {
      while (waiting.length > 0) await runChild(options, waiting);
    }),
  );
}

function runChild<Order extends Serializable, Outcome>(
  {
    program,
    args,
    execArgv = [],
    ordersPerChild = Infinity,
    onOutcome,
    signal,
  }: ChildrenOptions<Order, Outcome>,
  waiting: Order[],
): Promise<void> {
  signal.throwIfAborted();
  const child = fork(program, args, {
    execArgv: ['--disable-warning=ExperimentalWarning', ...execArgv],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const errors = collect(child);
  let given = 0;
  return new Promise((resolve, reject) => {
    const abort = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', abort, { once: true });
    child.on('message', (message) => {
      if (message !== 'ready' && !onOutcome(message as Outcome)) waiting.splice(0);
      const next = given < ordersPerChild ? waiting.shift() : undefined;
      given += 1;
      if (next) child.send(next);
      else child.disconnect();
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      signal.removeEventListener('abort', abort);
      if (code === 0) return resolve();
      waiting.splice(0);
      reject(signal.aborted ? signal.reason : new Error(`a child (${program}) failed:\n${errors()}`));
    });
  });
}

function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-4_000);
  });
  return () => text;
}
