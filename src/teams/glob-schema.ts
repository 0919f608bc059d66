/** The shape of a glob in a file of `.mesh/`: it names paths inside the repository. */
import { z } from 'zod';

export const globSchema = z
  .string()
  .min(1)
  .max(500)
  .refine(
    (glob) => !glob.startsWith('/') && !glob.startsWith('!') && !glob.split('/').includes('..'),
    'must be a glob inside the repository, without a leading `/` or `!`',
  );
