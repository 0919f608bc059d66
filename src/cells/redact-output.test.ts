import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createRedactor } from '../secrets/redactor.ts';
import { processDriver } from './process-cell.ts';
import { redactOutput } from './redact-output.ts';

const value = 'npm_a8Fk29sLq0Zx7Tt41mWc';

it('a command has its secret and cannot show it; files stay as they are', async () => {
  const base = mkdtempSync(path.join(tmpdir(), 'mesh-redact-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const { redact } = createRedactor([{ name: 'NPM_TOKEN', value }]);
  const driver = redactOutput(processDriver({ cellsDir: path.join(base, 'cells') }), redact);
  const cell = await driver.open({
    id: 'one',
    workspace: base,
    isWorkspaceWritable: true,
    readable: [],
    env: { NPM_TOKEN: value },
    allowedHosts: [],
    limits: { memoryMb: 1024, processes: 64, commandTimeoutMs: 20_000, outputBytes: 4_096, fileBytes: 4_096 },
  });
  const command = 'echo "out $NPM_TOKEN"; echo "err $NPM_TOKEN" >&2; printf %s "$NPM_TOKEN" > file';
  const result = await cell.exec({ argv: ['sh', '-c', command] });
  expect(result).toMatchObject({ stdout: 'out [secret:NPM_TOKEN]\n', stderr: 'err [secret:NPM_TOKEN]\n' });
  expect(readFileSync(path.join(base, 'file'), 'utf8')).toBe(value);
  expect(await cell.readFile('file')).toEqual({ ok: true, value });
  await cell.close();
});
