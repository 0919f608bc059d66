/** Cells of two workers never work in one workspace: who takes a folder over has ended everything in it. */
import type { CreateWatcher } from '../watch.ts';

export const watchWorkspaces: CreateWatcher = (watched) => ({
  onWrite(cell) {
    const other = watched.machine.cells.find(
      (one) => one !== cell && !one.isEnded && one.folder === cell.folder && one.opener !== cell.opener,
    );
    if (!other || !cell.folder || !watched.machine.folders.has(cell.folder.id)) return;
    const who = `${cell.opener.name} and ${other.opener.name}`;
    watched.violate('one hand', `cells of ${who} both work in ${cell.folder.id}`);
  },
});
