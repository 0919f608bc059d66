/** What becomes of the demo's first brief when its script is sabotaged. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { newId } from '../../src/base/ids.ts';
import { loadScenario } from '../../src/gateway/scripted/load-scenario.ts';
import { createScriptedProvider } from '../../src/gateway/scripted/scripted-provider.ts';
import { itemStream } from '../../src/items/item-stream.ts';
import { recordMemory } from '../../src/requests/change-memory.ts';
import { createTestProject, packageDir, type TestProject } from '../harness/project.ts';

const demoDir = path.join(packageDir, 'assets/demo');

describe('a sabotaged scenario', () => {
  let project: TestProject | null = null;
  afterEach(async () => {
    await project?.remove();
    project = null;
  });

  /** The CSV brief on the real sample with the scenario's text changed. */
  async function playCsv(change: (scenario: string) => string): Promise<TestProject> {
    const text = readFileSync(path.join(demoDir, 'scenario.yaml'), 'utf8');
    const changed = change(text);
    expect(changed).not.toBe(text);
    const { value, diagnostics } = await loadScenario({ text: changed });
    if (!value) throw new Error(JSON.stringify(diagnostics));
    const played = await createTestProject({
      from: path.join(demoDir, 'orders-api'),
      files: {
        '.mesh/mesh.yaml': readFileSync(path.join(demoDir, 'mesh.yaml'), 'utf8'),
        '.mesh/scenario.yaml': text,
      },
      model: createScriptedProvider({ scenario: value, clock: systemClock }),
    });
    await decideTimeZone(played);
    return played;
  }

  /** Nobody is there who could be asked. */
  async function decideTimeZone({ context, journal }: TestProject): Promise<void> {
    const by = { journal, newId, project: context.project, by: 'test', nowMs: systemClock.now() };
    await recordMemory(by, {
      kind: 'decision',
      answers: 'requirement_ambiguity',
      topic: 'times.zone',
      scope: 'mesh',
      statement: 'UTC',
      reasons: '',
      rejected: [],
      validUntil: null,
    });
  }

  async function expectNothingLands(changed: TestProject): Promise<void> {
    const head = await changed.git('rev-parse', 'main');
    const number = await changed.add(readFileSync(path.join(demoDir, 'briefs/1-csv-export.md'), 'utf8'));
    await changed.run();
    const state = await changed.item(number);
    expect(state.status).toBe('paused');
    await expect(changed.accept(number)).rejects.toThrow(/cannot accept it/);
    expect(await changed.git('rev-parse', 'main')).toBe(head);
    expect(await changed.git('status', '--porcelain')).toBe('');
  }

  test('with a corrupted patch, which never gets green, does not land', async () => {
    project = await playCsv((text) => text.replace(`replaceAll('"', '""')`, `replaceAll('"', "'")`));
    await expectNothingLands(project);
  });

  test('with an agent that breaks the sample does not land', async () => {
    project = await playCsv((text) =>
      text.replace('path: src/export/order-rows.ts', 'path: src/domain/money.ts'),
    );
    await expectNothingLands(project);
  });

  test('with an agent that breaks the sample and claims that all is well is stopped by the checks', async () => {
    const honest =
      /- call: \{ tool: run, input: \{ argv: \[npm, test\] \}.*\n +- done: '`GET \/orders\.csv` is served.*/;
    project = await playCsv((text) =>
      text.replace(
        honest,
        `- call: { tool: write, input: { path: src/domain/tax.ts, content: "export const taxFree = true;\\n" } }
      - done: All tests pass.`,
      ),
    );
    await expectNothingLands(project);
    const events = await project.journal.read(itemStream(project.context.project, 1));
    const gates = events.filter((event) => event.kind === 'gate.judged' && event.data.isPassed === false);
    expect(gates.map((event) => event.data.summary).join()).toMatch(/test: .*failed/);
  });
});
