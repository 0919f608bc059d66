/** A worker that has said that it carries a control out does: of what is under it nothing begins, of what is killed no call is made. */
import { clusterNameOf } from '../../controls/control-scope.ts';
import { type Controls, effectiveControl, foldControls, noControls } from '../../controls/control-state.ts';
import { itemStream } from '../../items/item-stream.ts';
import { type StoredEvent, type StreamId, streamId } from '../../journal/event.ts';
import { simulatedProject as project } from '../simulated-team.ts';
import type { CreateWatcher } from '../watch.ts';

const beginnings = ['item.started', 'phase.entered', 'step.started', 'gate.started'];
const calls = ['model.call_intended', 'tool.call_intended'];

export const watchControls: CreateWatcher = (watched) => {
  let controls: Controls = noControls;
  const obeyed = new Map<string, number>();
  const cluster = streamId('cluster', project, 'main');

  /** Does the owner of the cluster know of it? Whoever took over since has not said so yet. */
  const isKnown = () => {
    const owner = watched.holders.get(cluster)?.owner ?? '';
    return controls.epoch > 0 && (obeyed.get(owner) ?? 0) >= controls.epoch;
  };
  const controlOver = (event: StoredEvent) => {
    const [, number = '0'] = event.stream.split('/');
    const item = watched.items.get(itemStream(project, Number(number)));
    const agent = event.stream.startsWith('agent:') ? (event.stream as StreamId) : null;
    return effectiveControl(controls, {
      cluster: clusterNameOf(item?.cluster ?? null),
      item: Number(number),
      agent,
    });
  };

  return {
    onEvent(event) {
      if (event.stream.startsWith('control:')) {
        controls = foldControls([event], controls);
        if (event.kind === 'control.obeyed') obeyed.set(String(event.data.worker), Number(event.data.epoch));
        return;
      }
      const isBeginning = beginnings.includes(event.kind);
      if ((!isBeginning && !calls.includes(event.kind)) || !isKnown()) return;
      const control = controlOver(event);
      if (control && (isBeginning || control.state === 'killed')) {
        watched.violate(
          'controls hold',
          `${event.stream} ${event.kind}: ${control.scope} is ${control.state}`,
        );
      }
    },
  };
};
