/** One yes or no of the person at the terminal. */
import { createInterface } from 'node:readline/promises';

/** Anything but a plain yes is a no, and so is the end of the input. */
export async function confirm(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new Promise<string>((resolve) => prompt.once('close', () => resolve('')));
  try {
    const said = await Promise.race([prompt.question(`${question} [y/N] `), closed]);
    return /^y(es)?$/i.test(said.trim());
  } finally {
    prompt.close();
  }
}
