/** Lets what arrives twice be done once: the second one gets the first one's result. What failed may be done again. */

/** Enough for what is sent again within minutes. */
const mostKept = 5_000;

export type Once<T> = (keys: readonly string[], act: () => Promise<T>) => Promise<T>;

export function createOnce<T>(): Once<T> {
  const done = new Map<string, Promise<T>>();
  return (keys, act) => {
    const earlier = keys.map((key) => done.get(key)).find((each) => each !== undefined);
    if (earlier) return earlier;
    const doing = act();
    for (const key of keys) done.set(key, doing);
    for (const key of [...done.keys()].slice(0, Math.max(0, done.size - mostKept))) done.delete(key);
    doing.catch(() => {
      for (const key of keys) if (done.get(key) === doing) done.delete(key);
    });
    return doing;
  };
}
