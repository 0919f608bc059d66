/** Through which channels somebody can be told something. What a channel needs for it is the channel's to say. */
import { personOf } from '../policy/route-of.ts';
import type { Handle, Stakeholders } from '../policy/stakeholders.ts';
import type { Channel } from '../questions/channel.ts';

/** Names; none: they look by themselves. `place`: of the route or tier; null: it names none. */
export function channelsTo(
  channels: readonly Channel[],
  { to, place }: { to: Handle; place: string | null },
  stakeholders: Stakeholders,
): string[] {
  const { slackId: memberId } = personOf(stakeholders, to);
  return channels.filter((each) => each.reaches({ place, memberId })).map(({ name }) => name);
}
