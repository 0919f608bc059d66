import { expect, it } from 'vitest';
import { streamId } from '../journal/event.ts';
import { type ApprovalAction, describeAction, describeWholeAction, hashAction } from './approval-action.ts';

const action: ApprovalAction = {
  project: 'orders',
  item: 3,
  agent: streamId('agent', 'orders', 3, 'build/T1/developer', 1, 1),
  role: 'developer',
  tool: 'run',
  input: { argv: ['npm', 'publish'], timeout_seconds: 60 },
  base: 'a'.repeat(40),
};

it.each([
  ['project', 'orders2'],
  ['item', 4],
  ['agent', streamId('agent', 'orders', 3, 'build/T1/developer', 1, 2)],
  ['role', 'tester'],
  ['tool', 'shell'],
  ['input', { argv: ['npm publish'], timeout_seconds: 60 }],
  ['base', 'b'.repeat(40)],
])('another %s is another action', (field, value) => {
  expect(hashAction({ ...action, [field]: value })).not.toBe(hashAction(action));
});

it('the order of fields makes no other action', () => {
  const input = { timeout_seconds: 60, argv: ['npm', 'publish'] };
  expect(hashAction({ ...action, input })).toBe(hashAction(action));
});

it('is shown so that what is not the same does not look the same, and with nothing hidden in it', () => {
  const line = (argv: string[]) => describeAction({ ...action, input: { argv } });
  expect(line(['git', 'push', 'a b'])).toBe("run git push 'a b'");
  expect(line(['git', 'push', 'a', 'b'])).toBe('run git push a b');
  expect(line(["it's"])).toBe(`run 'it'\\''s'`);
  expect(line(['x\u202ey\n'])).toBe("run 'x\\u202ey\\n'");
  expect(line(['x'.repeat(500)])).toHaveLength(200);
  expect(describeWholeAction(action)).toBe(
    'run\nargv: ["npm","publish"]\ntimeout_seconds: 60\nby role developer of item 3, in files that began at aaaaaaaaaaaa',
  );
});
