/** The tables of the `meshwright` schema as the database itself describes them: for copying them out and in. */
import type { ClientBase } from 'pg';

export interface Table {
  name: string;
  /** Quoted and with its schema. */
  sqlName: string;
  columns: { name: string; sqlName: string; type: string; isIdentity: boolean }[];
}

/** Every value has one text, which any server reads back as the same value. Until the transaction's end. */
export const textSettings = `set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'; set local bytea_output = 'hex';
  set local intervalstyle = 'iso_8601'; set local extra_float_digits = 1`;

/** By name; generated columns are left out, their values follow from the others. */
export async function readTables(client: ClientBase): Promise<Table[]> {
  const { rows } = await client.query<{ table: string; name: string; type: string; isIdentity: boolean }>(
    `select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
       a.attidentity <> '' as "isIdentity"
     from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'meshwright'::regnamespace and c.relkind in ('r', 'p')
       and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     order by c.relname, a.attnum`,
  );
  const tables = new Map<string, Table>();
  for (const { table: name, ...column } of rows) {
    const table = tables.get(name) ?? { name, sqlName: `meshwright.${quote(name)}`, columns: [] };
    tables.set(name, table);
    table.columns.push({ ...column, sqlName: quote(column.name) });
  }
  return [...tables.values()];
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
