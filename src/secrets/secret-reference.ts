/** Where the policy says that a secret's value is, and who gets it. Never the value. */

export interface SecretReference {
  source: { kind: 'environment'; variable: string } | { kind: 'file'; path: string };
  /** `setup`, `checks`, or names of roles. */
  for: readonly string[];
  /** The variable as which it is there. */
  as: string;
}

/** As a person would say it. */
export function describeSource({ source }: SecretReference): string {
  return source.kind === 'environment' ? `the variable ${source.variable}` : `the file ${source.path}`;
}
