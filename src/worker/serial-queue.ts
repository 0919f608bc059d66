/** Runs asynchronous turns one after another, so that one stream has one writer at a time within a process. */
export interface SerialQueue {
  /** Runs when all earlier turns are done; its failure goes to `onError`, later turns still run. */
  push(turn: () => Promise<void>): void;
  isIdle(): boolean;
  /** Resolves when nothing is queued or running. */
  settled(): Promise<void>;
}

export function createSerialQueue(onError: (error: unknown) => void): SerialQueue {
  let tail: Promise<void> = Promise.resolve();
  let pendingCount = 0;
  return {
    push(turn) {
      pendingCount += 1;
      tail = tail
        .then(turn)
        .catch(onError)
        .finally(() => {
          pendingCount -= 1;
        });
    },
    isIdle: () => pendingCount === 0,
    async settled() {
      while (pendingCount > 0) await tail;
    },
  };
}
