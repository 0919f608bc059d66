/** A Python repository of somebody else, on Debian's Python and packages, from `init` to landed. */
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { goHome } from './foreign-way.ts';
import { type CliWorld, git, openCliWorld } from './run-cli.ts';

let world: CliWorld;
let env: Record<string, string>;
beforeAll(async () => {
  world = await openCliWorld();
  // Debian's Python, whatever other one comes first elsewhere.
  env = { PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin` };
});
afterAll(() => world.remove());

const files = {
  'requirements.txt': '# Debian: python3-requests, python3-pytest\nrequests>=2,<3\npytest\n',
  '.gitignore': '.venv/\n__pycache__/\n.pytest_cache/\n',
  'shop/__init__.py': '',
  'shop/address.py': `from requests import Request


def order_address(base: str, number: int) -> str:
    """Where the shop shows an order."""
    return Request("GET", f"{base}/orders/{number}").prepare().url
`,
  'tests/test_address.py': `import pytest

from shop.address import order_address


@pytest.mark.parametrize("number", [1, 2])
def test_an_order_has_an_address(number):
    assert order_address("https://shop.example", number) == f"https://shop.example/orders/{number}"
`,
};

const scenario = `name: shop
scripts:
  - name: planner
    for: { role: planner }
    moves:
      - call: { tool: glob, input: { pattern: 'shop/*.py' }, expect: 'shop/address\\.py' }
      - call:
          tool: deliver
          input:
            name: plan.json
            content: |
              { "summary": "One function.", "tasks": [
                { "id": "T1", "title": "Search address", "instructions": "search_address in shop/address.py, quoted", "after": [] } ] }
      - done: One task.
  - name: developer
    for: { role: developer }
    moves:
      - call: { tool: read, input: { path: shop/address.py }, capture: { last: '^( *return .*)$' } }
      - call:
          tool: edit
          input:
            path: shop/address.py
            old_text: '\${last}'
            new_text: |-
              \${last}


              def search_address(base: str, words: str) -> str:
                  """Where the shop shows what it finds."""
                  return Request("GET", f"{base}/search", params={"q": words}).prepare().url
      - call: { tool: run, input: { argv: [.venv/bin/python, -m, pytest, -q] }, expect: '2 passed' }
      - done: The address of a search is there.
  - name: tester
    for: { role: tester }
    moves:
      - call:
          tool: write
          input:
            path: tests/test_search.py
            content: |
              from shop.address import search_address


              def test_words_are_quoted():
                  assert search_address("https://shop.example", "a&b c") == "https://shop.example/search?q=a%26b+c"
      - call: { tool: run, input: { argv: [.venv/bin/python, -m, pytest, -q] }, expect: '3 passed' }
      - done: Words are quoted.
  - name: reviewer
    for: { role: reviewer }
    moves:
      - call: { tool: read, input: { path: shop/address.py }, expect: 'def search_address' }
      - call:
          tool: deliver
          input: { name: verdict.json, content: '{ "verdict": "pass", "summary": "Quoted by requests.", "findings": [] }' }
      - done: It is good.
`;

/** Where Debian's packages are missing the test is left out with a word; in CI their absence is a failure. */
const needed = 'import ensurepip, pytest, requests, venv';
const hasPython = spawnSync('/usr/bin/python3', ['-c', needed]).status === 0;
const isLeftOut = !hasPython && process.env.CI !== 'true';
if (isLeftOut) {
  console.warn(
    'The Python test is left out here. To run it: apt-get install python3-venv python3-pytest python3-requests',
  );
}

test.skipIf(isLeftOut)(
  "a Python repository with requirements goes from init to landed, on Debian's packages",
  async () => {
    const dir = world.makeRepository('shop', files);
    const way = await goHome({ world, dir, env, scenario, flow: 'feature', brief: 'Address of a search' });
    expect(way.init).toMatch(/^found +Python with pytest/m);
    expect(way.init).toMatch(/^set-up python3 -m venv --system-site-packages .* -r requirements\.txt$/m);
    expect(way.init).toMatch(/✓ +test +green +2 passed, 0 failed/);
    expect(way.run).toMatch(/✓ verify gate: .*3 of 3 tests passed/);
    expect(way.diff).toContain('+def search_address');
    expect(way.diff).not.toMatch(/\.venv|__pycache__|pytest_cache/);
    expect(git(dir, 'log', '--format=%s', `${way.before}..main`)).toBe('Address of a search');
    const byHand = execFileSync('/usr/bin/python3', ['-m', 'pytest', '-q', '-p', 'no:cacheprovider'], {
      cwd: dir,
      env: { PATH: '/usr/bin:/bin', PYTHONDONTWRITEBYTECODE: '1' },
      encoding: 'utf8',
    });
    expect(byHand).toContain('3 passed');
  },
);
