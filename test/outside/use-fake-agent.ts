/** The fake agent for the tests of one file: installed before them, and each project in which it works removed after its test. */
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { TestProject } from '../harness/project.ts';
import {
  createOutsideProject,
  fakeAgent,
  installFakeAgent,
  type OutsideOptions,
  scriptedModel,
} from './outside-project.ts';

export interface FakeAgent {
  /** Path of the installed program; known once the tests run. */
  readonly program: string;
  /** `way`: how it behaves; `settings`: of it in mesh.yaml, besides its command. Its model says how many messages it was sent. */
  start(way: string, options?: Partial<OutsideOptions> & { settings?: string }): Promise<TestProject>;
}

export function useFakeAgent(): FakeAgent {
  const open: TestProject[] = [];
  let installed: ReturnType<typeof installFakeAgent>;
  beforeAll(() => {
    installed = installFakeAgent();
  });
  afterAll(() => installed.remove());
  afterEach(async () => {
    for (const project of open.splice(0)) await project.remove();
  });
  return {
    get program() {
      return installed.program;
    },
    async start(way, { settings, mesh = [], ...options } = {}) {
      const project = await createOutsideProject({
        model: ({ messages }) => ({ text: `${messages.length} messages` }),
        ...options,
        agent: 'fake',
        mesh: [scriptedModel, fakeAgent(installed.program, way, settings), ...mesh],
      });
      open.push(project);
      return project;
    },
  };
}
