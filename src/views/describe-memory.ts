/** Readable lines for what happens to memory. */
import type { MemoryEvent } from '../memory/memory-event.ts';
import { firstLine, type Line } from './event-line.ts';

export function describeMemoryEvent({ kind, data }: MemoryEvent): Line {
  switch (kind) {
    case 'memory.recorded': {
      const { id, status, statement } = data.record;
      const what = status === 'proposed' ? `${id} is proposed` : `${id} holds`;
      return { mark: 'note', text: `${what}: ${firstLine(statement)}` };
    }
    case 'memory.superseded':
      return { mark: 'note', text: `${data.id} is superseded by ${data.by}: ${firstLine(data.why)}` };
    case 'memory.contested':
      return { mark: 'wait', text: `${data.ids.join(' and ')} contradict each other: neither binds` };
    case 'memory.retired':
      return {
        mark: 'note',
        text: `${data.id} is retired by ${data.by}${data.why === '' ? '' : `: ${firstLine(data.why)}`}`,
      };
    case 'memory.expired':
      return { mark: 'note', text: `${data.ids.join(', ')} expired: the time is over` };
  }
}
