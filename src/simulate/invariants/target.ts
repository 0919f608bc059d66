/** The target moves only forward, to a commit whose checks were green and that a person accepted, once per landing. */
import { landingTrailer } from '../../ship/land-commit.ts';
import { simulatedProject } from '../simulated-team.ts';
import { type CreateWatcher, findRepeated, trailerValues } from '../watch.ts';

export const watchTarget: CreateWatcher = (watched) => {
  const green = new Set<string>();
  const accepted = new Set<string>();
  return {
    onCheck(tree, isGreen) {
      if (isGreen) green.add(tree);
    },
    onEvent({ kind, stream, data }) {
      if (kind === 'item.accepted') accepted.add(`${stream.slice('item:'.length)}@${String(data.commit)}`);
    },
    onMove({ where, ref, from, to }) {
      const key = watched.git.commit(to).trailers[landingTrailer];
      if (where !== 'user' || key === undefined) return;
      const { git, plan, violate } = watched;
      if (git.commit(to).parents[0] !== from)
        violate('target', `${ref} jumps to ${to}, which is not after ${from}`);
      if (plan.world.baseline !== 'red' && !green.has(git.commit(to).tree)) {
        violate('target', `${ref} moves to ${to}, of which no check was green`);
      }
      if (!accepted.has(key)) violate('target', `${ref} moves to ${key}, which no event says was accepted`);
      const request = key.slice(simulatedProject.length + 1).replace('@', ' ');
      if (!watched.asked.has(`accept ${request}`)) violate('target', `nobody accepted ${key}`);
      const twice = findRepeated(trailerValues(git.history(to), landingTrailer));
      if (twice !== undefined) violate('one landing', `${ref} has ${twice} twice`);
    },
    async atEnd() {
      for (const { status, number, readyCommit } of watched.items.values()) {
        const keys = [...watched.git.userBranches.values()].flatMap((head) =>
          trailerValues(watched.git.history(head), landingTrailer),
        );
        const key = `${simulatedProject}/${number}@${readyCommit}`;
        if (status === 'landed' && !keys.includes(key))
          watched.violate('target', `${key} is not on the target`);
      }
    },
  };
};
