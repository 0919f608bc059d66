/** `secrets:` in mesh.yaml: where each value is and who gets it. A value itself has no place in the file. */
import { z } from 'zod';
import { createRedactor } from '../base/redact.ts';
import type { SecretReference } from '../secrets/secret-reference.ts';
import type { Diagnostic } from '../yaml/diagnostic.ts';
import type { YamlPath } from '../yaml/yaml-source.ts';

const variableSchema = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'must be the name of a variable: letters, digits and `_`');

/** Neither inside the repository nor relative to anything. */
const secretFileSchema = z
  .string()
  .max(4_096)
  .regex(/^(\/|~\/)./, 'must be the absolute path of a file, or one that begins with `~/`');

const placeSchema = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be `setup`, `checks` or a role');

/** One of them says where a value is. */
export const sourceFields = {
  env: variableSchema.optional().describe('The variable of your own environment that holds the value.'),
  file: secretFileSchema.optional().describe('The file outside of the repository that holds the value.'),
};

const secretSchema = z.strictObject({
  ...sourceFields,
  for: z
    .array(placeSchema)
    .optional()
    .describe('Whose commands get it as a variable: `setup`, `checks`, names of roles.'),
  as: variableSchema.optional().describe('Name of that variable. Default: the name of the secret.'),
});

export const secretsSchema = z
  .record(variableSchema, secretSchema)
  .describe('Where secrets are, never what they are: `NPM_TOKEN: { env: NPM_TOKEN, for: [setup] }`.');

type SecretsFile = z.infer<typeof secretsSchema>;

export function buildSecrets(file: SecretsFile = {}): Record<string, SecretReference> {
  return Object.fromEntries(
    Object.entries(file).map(([name, { env = '', file: path, for: places = [], as = name }]) => {
      const source: SecretReference['source'] =
        path === undefined ? { kind: 'environment', variable: env } : { kind: 'file', path };
      return [name, { source, for: places, as }];
    }),
  );
}

type Report = (at: YamlPath, message: string) => Diagnostic;

/** `isSound`: nothing was taken out of the file; else what seems missing may have been misspelt. */
export function findSecretProblems(
  file: SecretsFile,
  { error, warning, isSound }: { error: Report; warning: Report; isSound: boolean },
): Diagnostic[] {
  return Object.entries(file).flatMap(([name, { env, file: path, for: places, as = name }]) => {
    const at = (key: string): YamlPath => ['secrets', name, key];
    const found: Diagnostic[] = [];
    if (isSound && (env === undefined) === (path === undefined)) {
      found.push(
        error(
          ['secrets', name],
          `the secret ${name} needs either \`env\` or \`file\`, which says where it is`,
        ),
      );
    }
    for (const [key, text] of Object.entries({ env, file: path })) {
      if (text !== undefined && looksSecret(text)) found.push(error(at(key), valueInFile(name)));
    }
    if (!places?.length) {
      found.push(warning(['secrets', name], `nobody gets the secret ${name}; list who does under \`for\``));
    }
    if (reservedVariables.test(as)) {
      found.push(
        error(at('as'), `\`${as}\` belongs to the cell; give the variable another name with \`as\``),
      );
    }
    return found;
  });
}

/** In place of a complaint that would repeat what stands there. */
export const saysWhere =
  'says where a value is, never the value itself: write `{ env: NAME }` or `{ file: ~/path }`, and take the value out of the file';

/** Said without the text: it would stand in terminals and logs. */
function valueInFile(name: string): string {
  return `the secret ${name} seems to stand here itself; put it into your environment or a file, and write \`{ env: ${name} }\``;
}

const redactLookalikes = createRedactor([]);

export function looksSecret(text: string): boolean {
  return redactLookalikes(text) !== text;
}

/** A cell is set up by them. */
const reservedVariables = /^(PATH|HOME|TMPDIR|LANG|LD_.*|NODE_OPTIONS|MESHWRIGHT_.*)$/;
