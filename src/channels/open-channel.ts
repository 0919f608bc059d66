/** A channel as it is opened: what it says, and how it begins and ends to listen. */
import type { Log } from '../base/log.ts';
import type { Channel } from '../questions/channel.ts';
import type { PersonDoor } from './person-door.ts';

export interface OpenChannel {
  channel: Channel;
  /** Listens until closed; what fails there is logged and tried again, and never stops anybody else. */
  listen(door: PersonDoor): void;
  /** Nothing of it runs any more. */
  close(): Promise<void>;
}

export interface ChannelSurroundings {
  project: string;
  log: Log;
  nowMs: () => number;
  /** One line for whoever runs the worker, where they see it. */
  onNotice: (line: string) => void;
}
