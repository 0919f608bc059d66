/**
 * What a run that died left behind: an intent without a result. A model call is charged in full and recorded as failed; a
 * command that may have changed something is answered "outcome unknown". Tools whose outcome can be found out, or that
 * may simply run again, are left to call-tool.ts.
 */
import type { TapeState } from './tape.ts';
import { openTapeWriter, type TapeWriter, type TapeWriterOptions } from './tape-writer.ts';

/**
 * Writing the same content again changes nothing, an edit's intent says how to tell whether it was done, and a question is found
 * again by its call.
 */
const settledByTheCall: readonly string[] = ['read', 'glob', 'grep', 'write', 'edit', 'ask', 'decline'];

/** `willGoOn` false: the agent is not run any more, so nothing is left to its calls. */
export async function resolveDoubt(writer: TapeWriter, willGoOn = true): Promise<void> {
  const doubt = writer.tape.inDoubt;
  if (doubt === null) return;
  if (doubt.kind === 'model') {
    const { reservation, reservedMicroUsd } = doubt;
    await writer.write(
      [
        {
          kind: 'model.call_failed',
          data: {
            call: reservation,
            reason: 'in_doubt',
            message: 'the process ended during the call; it is charged in full',
            usage: null,
            costMicroUsd: reservedMicroUsd,
            retryInMs: null,
          },
        },
      ],
      [{ op: 'settle', reservation, actualMicroUsd: reservedMicroUsd }],
    );
    return;
  }
  if (willGoOn && settledByTheCall.includes(doubt.tool)) return;
  await writer.write([
    {
      kind: 'tool.call_finished',
      data: {
        id: doubt.call,
        tool: doubt.tool,
        isError: true,
        output: `interrupted, outcome unknown: ${doubt.tool} may or may not have taken effect; look before you repeat it`,
        durationMs: 0,
      },
    },
  ]);
}

/**
 * Closes the books of an agent that will not go on (its workspace is lost, its step starts again): what is in doubt is
 * charged or answered, and the agent ends with `outcome`. Returns its final tape. Safe to repeat.
 */
export async function closeInterruptedAgent(
  options: TapeWriterOptions & { outcome: string; summary: string },
): Promise<TapeState> {
  const writer = await openTapeWriter(options);
  if (!writer.tape.isSeated || writer.tape.ending) return writer.tape;
  await resolveDoubt(writer, false);
  const { outcome, summary } = options;
  await writer.write([{ kind: 'agent.finished', data: { outcome, summary, commit: null, findings: [] } }]);
  return writer.tape;
}
