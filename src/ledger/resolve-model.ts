/** From the name that a role or a policy uses for a model to an exact id. Knows no prices. */

/** Short names for role files; a policy's own aliases win over these. */
export const builtInAliases: Readonly<Record<string, string>> = {
  opus: 'claude-opus-5-5',
  sonnet: 'claude-sonnet-5-5',
  haiku: 'claude-haiku-5-5',
};

/**
 * The exact id for a role's model: the policy's alias, then a built-in one, else the text itself. Null and `inherit`
 * mean the policy's default (which may be an alias too). Whether the id has a price is `priceOf`'s question.
 */
export function resolveModel(
  roleModel: string | null,
  models: { default: string; aliases: Readonly<Record<string, string>> },
): string {
  const wanted = roleModel === null || roleModel === 'inherit' ? models.default : roleModel;
  if (Object.hasOwn(models.aliases, wanted)) return models.aliases[wanted] ?? wanted;
  if (Object.hasOwn(builtInAliases, wanted)) return builtInAliases[wanted] ?? wanted;
  return wanted;
}
