/** Writes the JSON Schemas for editor completion from the same zod schemas that the loaders use: `node scripts/write-schemas.ts`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { meshSchema } from '../src/policy/mesh-schema.ts';
import { stakeholdersSchema } from '../src/policy/stakeholders-schema.ts';
import { flowSchema } from '../src/teams/flow-schema.ts';

export const schemaDir = path.join(import.meta.dirname, '../assets/schema');

/** File name → JSON Schema. */
export function buildSchemas(): Record<string, object> {
  const toJsonSchema = (title: string, schema: z.ZodType) => ({
    title,
    ...z.toJSONSchema(schema, { io: 'input' }),
  });
  return {
    'mesh.schema.json': toJsonSchema('Meshwright policy: .mesh/mesh.yaml', meshSchema),
    'stakeholders.schema.json': toJsonSchema(
      'Meshwright stakeholder map: .mesh/stakeholders.yaml',
      stakeholdersSchema,
    ),
    'flow.schema.json': toJsonSchema('Meshwright flow: .mesh/flows/*.yaml', flowSchema),
  };
}

if (import.meta.main) {
  mkdirSync(schemaDir, { recursive: true });
  for (const [file, schema] of Object.entries(buildSchemas()))
    writeFileSync(path.join(schemaDir, file), `${JSON.stringify(schema, null, 2)}\n`);
}
