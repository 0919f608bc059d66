/** Migration 6: token buckets that all worker processes take from. */

// Unlogged: a bucket is worth a minute, and after a crash of the server it may as well be full.
export const RATE_BUCKETS = `
create unlogged table meshwright.rate_bucket (
  project text not null,
  bucket text not null,
  full_at timestamptz not null,
  primary key (project, bucket)
);
`;
