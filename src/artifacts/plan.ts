/** The plan artifact (`plan.json`): a typed DAG of tasks made by a planner, or written by a person. Parsing is in parse-plan.ts. */
export interface Plan {
  summary: string;
  tasks: PlanTask[];
}

export interface PlanTask {
  /** `[A-Za-z0-9_-]{1,40}`, unique within the plan. */
  id: string;
  title: string;
  instructions: string;
  /** Ids of tasks that must be done first. */
  after: string[];
  /** 1 (mechanical) to 10 (needs the best model); absent: the planner did not say. */
  complexity?: number | undefined;
}
