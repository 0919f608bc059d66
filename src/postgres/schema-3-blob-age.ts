/** Migration 3: when a blob was last put, so that retention never takes one that somebody is about to name. */

// A constant default: the table is not rewritten, and workers of earlier versions go on inserting without it.
export const BLOB_AGE = `
alter table meshwright.blob add column put_at timestamptz not null default now();
`;
