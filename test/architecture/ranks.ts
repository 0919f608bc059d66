/** Ranks of the folders under src/: a file imports only from lower ranks and from its own folder. */
export const ranks: Readonly<Record<string, number>> = {
  base: 0,
  yaml: 1,
  journal: 1,
  git: 1,
  secrets: 1,
  permissions: 1,
  contract: 1,
  policy: 2,
  teams: 2,
  controls: 2,
  outbox: 2,
  artifacts: 2,
  ledger: 3,
  capabilities: 3,
  memory: 3,
  messages: 3,
  questions: 3,
  cells: 3,
  workspaces: 3,
  verdicts: 3,
  items: 4,
  gateway: 4,
  environments: 4,
  agents: 5,
  gates: 5,
  clusters: 6,
  ship: 7,
  views: 8,
  mesh: 9,
  worker: 10,
  requests: 10,
  postgres: 11,
  channels: 11,
  simulate: 11,
  replay: 11,
  drill: 12,
  server: 12,
  compose: 13,
  cli: 14,
};

/** Sideways imports that are allowed, types only: `importing folder` → file. */
export const typeExceptions: Readonly<Record<string, readonly string[]>> = {
  workspaces: ['src/cells/cell.ts'],
};

export const maxFileLines = 300;
export const maxBaseFiles = 13;

/** Folder names that say nothing of what is inside. */
export const drawers: readonly string[] = [
  'utils',
  'util',
  'helpers',
  'common',
  'core',
  'managers',
  'shared',
  'misc',
];
