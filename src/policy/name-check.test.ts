import { describe, expect, it } from 'vitest';
import { nameChecks, nameOfCommand } from './name-check.ts';

describe('the name of a check', () => {
  it.each([
    ['npm test', 'test'],
    ['npm run lint', 'lint'],
    ['.venv/bin/python -m pytest -q', 'pytest'],
    ['cargo clippy -- -D warnings', 'clippy'],
    ['go vet ./...', 'vet'],
    ['CI=1 pnpm run build', 'build'],
    ['cd web && npm test', 'web-test'],
    ['./scripts/verify.sh', 'verify.sh'],
    ['make', 'make'],
    ['"$X"', 'X'],
    ['!', 'check'],
  ])('of `%s` is %s', (run, name) => {
    expect(nameOfCommand(run)).toBe(name);
  });

  it('is made unique when it was derived, and left alone when it was given', () => {
    const named = nameChecks(['npm test', { name: 'test-2', run: 'x' }, 'pnpm test']);
    expect(named.map((check) => check.name)).toEqual(['test', 'test-2', 'test-3']);
  });
});
