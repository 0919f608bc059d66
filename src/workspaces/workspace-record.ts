/** What must be known of a workspace to take it over from a process that died: written once it is whole, beside the tree. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const shape = z.object({
  commit: z.string(),
  outputs: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  /** Where the tree was when this was written. */
  tree: z.string(),
});

export type WorkspaceRecord = z.infer<typeof shape>;

export async function writeWorkspaceRecord(dir: string, record: WorkspaceRecord): Promise<void> {
  const place = join(dir, 'workspace.json');
  await writeFile(`${place}.new`, JSON.stringify(record));
  await rename(`${place}.new`, place);
}

/** Null when there is none: the workspace was not whole yet when its process died. */
export async function readWorkspaceRecord(dir: string): Promise<WorkspaceRecord | null> {
  try {
    const parsed = shape.safeParse(JSON.parse(await readFile(join(dir, 'workspace.json'), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
