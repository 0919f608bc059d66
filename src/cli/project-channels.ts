/** The channels of a project while a command drives its work: opened with their secrets, closed by whoever opened them. */
import { personHome } from '../base/home.ts';
import type { OpenChannel } from '../channels/open-channel.ts';
import { openChannels } from '../channels/open-channels.ts';
import type { ProjectSession } from './session.ts';

/** @throws MeshwrightError `secret_missing`, `channel_secret_invalid`. */
export async function openProjectChannels(session: ProjectSession): Promise<OpenChannel[]> {
  const { repository, env, secrets, log, policy, project, terminal } = session;
  return openChannels({
    policy: policy.channels,
    keeper: secrets,
    secretsFrom: { env, home: personHome(env), repository: repository.root },
    project,
    log,
    nowMs: Date.now,
    onNotice: (line) => terminal.warn(line),
  });
}
