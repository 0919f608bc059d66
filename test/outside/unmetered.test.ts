/** An agent whose model is asked elsewhere: no meter, and every screen that shows money says so. */
import { describe, expect, it } from 'vitest';
import { viewCost } from '../../src/views/cost-view.ts';
import { describeEvent } from '../../src/views/describe-event.ts';
import { reportItem } from '../../src/views/item-report.ts';
import { viewStatus } from '../../src/views/status-view.ts';
import { failuresOf, ofKind, tapeEvents } from './outside-project.ts';
import { useFakeAgent } from './use-fake-agent.ts';

const fake = useFakeAgent();

describe('an outside agent', () => {
  it('that is not metered has no model at the gateway, is said to be so, and is bounded by its own tools', async () => {
    const project = await fake.start('works', {
      settings:
        'metered: false, env: { ANTHROPIC_BASE_URL: "{gateway_url}", ANTHROPIC_API_KEY: "{gateway_key}" }',
    });
    await project.add('Make a file');
    await project.run();
    const item = await project.item(1);
    expect(item).toMatchObject({ status: 'ready', costMicroUsd: 0 });
    const events = await tapeEvents(project.journal);
    expect(ofKind(events, 'outside.session_started')[0]?.isMetered).toBe(false);
    expect(ofKind(events, 'outside.said')[0]?.text).toMatch(/^The model said 403/);
    const unmetered = [{ item: 1, agent: 'fake' }];
    expect((await viewStatus(project.journal, 'test')).items[0]?.unmetered).toEqual(['fake']);
    expect((await reportItem(project.journal, 'test', 1)).unmetered).toEqual(unmetered);
    expect(
      (await viewCost(project.journal, { project: 'test', by: 'item', frontier: null })).unmetered,
    ).toEqual(unmetered);
    const lines = (await project.journal.readAll({ after: 0, limit: 1_000 })).map((event) =>
      describeEvent(event),
    );
    expect(lines.map((line) => line?.text).join('\n')).toMatch(/fake-agent 1\.2\.3, NOT METERED/);

    const flood = await fake.start('floods', {
      settings: 'metered: false',
      mesh: ['limits: { turns: 5, breaker: 1 }'],
    });
    await flood.add('Go on and on');
    await flood.run();
    expect((await failuresOf(flood, 1))[0]?.reason).toBe('turn_limit');
  });
});
