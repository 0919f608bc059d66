import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildSchemas, schemaDir } from '../scripts/write-schemas.ts';

describe('the JSON Schemas in assets/schema', () => {
  it.each(Object.entries(buildSchemas()))(
    '%s is what the loaders check (else run scripts/write-schemas.ts)',
    (file, schema) => {
      expect(JSON.parse(readFileSync(path.join(schemaDir, file), 'utf8'))).toEqual(
        JSON.parse(JSON.stringify(schema)),
      );
    },
  );

  it('know the top-level keys of each file and admit no others', () => {
    const mesh = buildSchemas()['mesh.schema.json'];
    expect(mesh).toMatchObject({ additionalProperties: false, required: ['version'] });
    expect(mesh).toHaveProperty('properties.ceilings.properties.item_usd');
    const stakeholders = buildSchemas()['stakeholders.schema.json'];
    expect(stakeholders).toMatchObject({ additionalProperties: false });
    expect(stakeholders).toHaveProperty(
      'properties.escalation_routes.additionalProperties.properties.on_timeout.pattern',
    );
    expect(buildSchemas()['flow.schema.json']).toHaveProperty(
      'properties.phases.items.properties.on_fail.properties.then',
    );
  });
});
