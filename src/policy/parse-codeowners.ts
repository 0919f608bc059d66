/** Reads a CODEOWNERS file: which patterns belong to whom. Pure; only as far as guessing who decides what needs it. */

/** Where hosts look for it, first one wins. */
export const codeownersFiles = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const;

export interface OwnedPattern {
  pattern: string;
  /** As written: `@sarah-pm`, `@example/reviewers`, `someone@example.com`. */
  owners: readonly string[];
}

const owner = /^(@[A-Za-z0-9][\w./-]{0,90}|[\w.+-]{1,60}@[\w.-]{1,200})$/;

/** In the order of the file; lines without an owner and section headings are left out. */
export function parseCodeowners(text: string): OwnedPattern[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [pattern, ...rest] = line.trim().split(/\s+/);
    if (!pattern || /^[#[^]/.test(pattern)) return [];
    const comment = rest.findIndex((word) => word.startsWith('#'));
    const owners = (comment < 0 ? rest : rest.slice(0, comment)).filter((word) => owner.test(word));
    return owners.length === 0 ? [] : [{ pattern, owners }];
  });
}
