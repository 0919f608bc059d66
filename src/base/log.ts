/**
 * The diagnostic log of a process: JSON lines in `<home>/logs/meshwright.log`, rotated. It is for finding faults; what
 * happened to an item is in the journal. Never writes to a terminal, and its own failures never reach the caller.
 */
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';
import { homePaths } from './home.ts';
import { visibleJson } from './visible-text.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** An Error among the fields, under `err`, is written with its stack. */
  error(message: string, fields?: LogFields): void;
  /** The same log with these fields in every line. */
  child(fields: LogFields): Log;
}

export interface LogFile extends Log {
  /** Absolute path of the current file. */
  file: string;
  /** Writes out what is pending. Idempotent; later lines are dropped. Never rejects. */
  close(): Promise<void>;
}

export interface LogOptions {
  home: string;
  level: LogLevel;
  /** The command that runs, `run` or `accept`; stands in every line. */
  command: string;
  /** Every line passes it. */
  redact?: (text: string) => string;
  /** Default 5 MB per file, five files with the current one. */
  maxFileBytes?: number;
}

const fileCount = 5;
const defaultMaxFileBytes = 5_000_000;
/** A file that could not be written (a full disk) is tried again after this; the lines in between are lost. */
const reopenAfterMs = 1_000;
/** Belt and braces: nobody should hand a secret to the log, and under these names it is not written. */
const secretFields = ['apiKey', 'authorization', 'password', 'token', 'secret', 'databaseUrl'];

/**
 * Opens the log; its directory and file (0600) are created in the background. Several processes may share the file:
 * each appends whole lines; when two rotate at once a generation may be shorter than the limit.
 */
export function openLog(options: LogOptions): LogFile {
  const { logs } = homePaths(options.home);
  const { redact = (text) => text } = options;
  const openStream = (): RotatingFileStream => {
    const opened = createStream('meshwright.log', {
      path: logs,
      size: `${options.maxFileBytes ?? defaultMaxFileBytes}B`,
      rotate: fileCount - 1,
      mode: 0o600,
    });
    closed = new Promise<void>((resolve) => opened.once('close', () => resolve()));
    opened.on('error', () => {
      if (stream === opened) brokenAt = performance.now();
    });
    return opened;
  };
  let closed = Promise.resolve();
  let brokenAt: number | null = null;
  let isOpen = true;
  let stream = openStream();
  const destination = {
    write: (line: string) => {
      if (!isOpen) return;
      if (brokenAt !== null) {
        if (performance.now() - brokenAt < reopenAfterMs) return;
        brokenAt = null;
        stream = openStream();
      }
      // People read it with `less` and `tail`: what agents and providers said must not steer those terminals.
      stream.write(visibleJson(redact(line)));
    },
  };
  const logger = pino(
    {
      level: options.level,
      base: { pid: process.pid, command: options.command },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`]), censor: '[secret]' },
    },
    destination,
  );
  return {
    ...logTo(logger),
    file: join(logs, 'meshwright.log'),
    close: async () => {
      if (isOpen && brokenAt === null) stream.end();
      isOpen = false;
      await closed;
    },
  };
}

/** Drops everything; for tests and for code that runs without a home. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
};

function logTo(logger: Logger): Log {
  const write = (level: LogLevel) => (message: string, fields?: LogFields) => {
    try {
      logger[level](fields ?? {}, message);
    } catch {
      // A value that cannot be written (a throwing getter) must not end the work that mentioned it.
    }
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => logTo(logger.child(fields)),
  };
}
