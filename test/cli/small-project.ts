/** A repository of two text files whose check needs nothing but sh, and a scenario that adds one file in the solo flow. */

export interface SmallOptions {
  project: string;
  flow?: string;
  /** Of `models.provider` and what it needs. */
  models?: string;
  /** Shell line that the developer runs before it writes; lets a test interrupt it. */
  dawdle?: string;
}

/** The check is red while a text file contains the word BROKEN. */
export function smallProject(options: SmallOptions): Record<string, string> {
  const { project, flow = 'solo', models = scriptedModels } = options;
  return {
    'a.txt': 'a\n',
    'check.sh': 'if grep -l BROKEN *.txt; then exit 1; fi\necho fine\n',
    '.mesh/mesh.yaml': [
      'version: 1',
      `project: ${project}`,
      'target: main',
      `models: { ${models} }`,
      `team: { flow: ${flow} }`,
      'checks: [{ name: test, run: sh check.sh }]',
      '',
    ].join('\n'),
    '.mesh/scenario.yaml': smallScenario(options.dawdle),
  };
}

export const scriptedModels = 'provider: scripted, scenario: .mesh/scenario.yaml, default: claude-sonnet-5-5';

function smallScenario(dawdle = 'true'): string {
  return `name: small
scripts:
  - name: developer
    for: { role: developer }
    moves:
      - call: { tool: run, input: { argv: [sh, -c, '${dawdle}'] } }
      - call: { tool: write, input: { path: b.txt, content: "b\\n" } }
      - done: b.txt is there
`;
}
