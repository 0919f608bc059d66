/**
 * The secrets of one process: values in memory alone, handed out as variables to whom the policy names, and known to the
 * redactor. Some come later (an agent's own key) and are forgotten when they end.
 */
import { MeshwrightError } from '../base/errors.ts';
import { createRedactor, noSecrets, type Redactor } from './redactor.ts';
import type { MissingSecret, ResolvedSecrets } from './resolve-secrets.ts';
import type { Secret } from './secret.ts';
import type { SecretReference } from './secret-reference.ts';

export interface SecretKeeper {
  /** Always knows all secrets that are known by then. */
  redactor: Redactor;
  /** Returns how to forget it. */
  add(secret: Secret): () => void;
}

export function createSecretKeeper(): SecretKeeper {
  const known = new Set<Secret>();
  let current = noSecrets;
  const compile = () => {
    current = createRedactor([...known]);
  };
  return {
    redactor: {
      get isEmpty() {
        return current.isEmpty;
      },
      redact: (text) => current.redact(text),
      find: (data) => current.find(data),
      redactJson: (value) => current.redactJson(value),
    },
    add(secret) {
      known.add(secret);
      compile();
      return () => {
        known.delete(secret);
        compile();
      };
    },
  };
}

export interface HeldSecrets extends SecretKeeper {
  /** Variables for the commands of `setup`, `checks` or a role. @throws MeshwrightError `secret_missing`. */
  variablesFor(place: string): Record<string, string>;
}

/** The keeper learns the values. */
export function holdSecrets(
  keeper: SecretKeeper,
  references: Readonly<Record<string, SecretReference>>,
  { secrets, missing }: ResolvedSecrets,
): HeldSecrets {
  for (const secret of secrets) keeper.add(secret);
  const values = new Map(secrets.map(({ name, value }) => [name, value]));
  return {
    ...keeper,
    variablesFor(place) {
      const wanted = Object.entries(references).filter(([, reference]) => reference.for.includes(place));
      const lacking = missing.filter(({ name }) => wanted.some(([each]) => each === name));
      if (lacking.length > 0) throw missingError(place, lacking);
      return Object.fromEntries(wanted.map(([name, reference]) => [reference.as, values.get(name) ?? '']));
    },
  };
}

/** For whoever runs no command and meets no secret. */
export const nothingHeld: HeldSecrets = {
  redactor: noSecrets,
  add: () => () => {},
  variablesFor: () => ({}),
};

function missingError(place: string, missing: readonly MissingSecret[]): MeshwrightError {
  const what = missing.map(({ name, problem }) => `${name} (${problem})`).join(', ');
  return new MeshwrightError('secret_missing', `${place} needs a secret that is not there: ${what}`, {
    hint: [...new Set(missing.map(({ hint }) => hint))].join(' '),
    exitCode: 2,
  });
}
