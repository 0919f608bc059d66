/**
 * An outside agent's two byte streams as JSON-RPC messages. What it says is hostile: it is bounded in the size of a message, in
 * all and in what makes no sense, and nothing is read ahead of what is dealt with. Knows no method's meaning.
 */
import type { Readable, Writable } from 'node:stream';
import type { AnyMessage, Stream } from '@agentclientprotocol/sdk';
import { lineSplitter } from '../../cells/inside/split-lines.ts';

export interface AgentStreams {
  stdin: Writable;
  stdout: Readable;
}

export interface StreamBounds {
  /** Longest line. */
  messageBytes: number;
  /** Everything that it ever says. */
  totalBytes: number;
  /** Lines that are no message, or answer nothing that was asked. */
  strayLines: number;
}

const defaultBounds: StreamBounds = {
  messageBytes: 16 * 1024 * 1024,
  totalBytes: 512 * 1024 * 1024,
  strayLines: 1_000,
};

export interface MessageStream extends Stream {
  /** Why it was given up; null: it was not. */
  readonly problem: string | null;
}

/** `intercept`: sees every message in order; true: it was for nobody else. */
export function messageStream(
  { stdin, stdout }: AgentStreams,
  intercept: (message: AnyMessage) => boolean,
  bounds: StreamBounds = defaultBounds,
): MessageStream {
  const asked = new Set<unknown>();
  let problem: string | null = null;

  async function* readMessages(): AsyncGenerator<AnyMessage> {
    let totalBytes = 0;
    let strayLines = 0;
    let isTooLong = false;
    const lines: string[] = [];
    const feed = lineSplitter(
      bounds.messageBytes,
      (line) => lines.push(line),
      () => {
        isTooLong = true;
      },
    );
    for await (const chunk of stdout as AsyncIterable<Buffer>) {
      totalBytes += chunk.length;
      feed(chunk);
      for (const line of lines.splice(0)) {
        const message = parseMessage(line);
        if (message === null || isUnasked(message)) strayLines += 1;
        else if (!intercept(message)) yield message;
      }
      if (isTooLong) problem = `it sent a message of more than ${bounds.messageBytes} bytes`;
      else if (totalBytes > bounds.totalBytes) problem = `it sent more than ${bounds.totalBytes} bytes`;
      else if (strayLines > bounds.strayLines)
        problem = `it sent ${strayLines} lines that are no message of the protocol`;
      if (problem !== null) throw new Error(problem);
    }
  }
  const isUnasked = (message: AnyMessage) => !('method' in message) && !asked.delete(message.id);

  return {
    readable: ReadableStream.from(readMessages()) as Stream['readable'],
    writable: new WritableStream<AnyMessage>({
      write: (message) => {
        if ('method' in message && 'id' in message) asked.add(message.id);
        return new Promise((resolve, reject) => {
          stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
        });
      },
    }),
    get problem() {
      return problem;
    },
  };
}

function parseMessage(line: string): AnyMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (value === null || typeof value !== 'object' || !('jsonrpc' in value) || value.jsonrpc !== '2.0')
    return null;
  const isCall = 'method' in value && typeof value.method === 'string';
  const isAnswer = 'id' in value && ('result' in value || 'error' in value);
  return isCall || isAnswer ? (value as AnyMessage) : null;
}
