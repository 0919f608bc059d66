/** Replaces one exact piece of a text; says why when it cannot. Pure. */

export interface Edit {
  oldText: string;
  newText: string;
  replaceAll: boolean;
}

export type EditOutcome =
  | { ok: true; text: string; replacements: number }
  | { ok: false /** Fit for the model. */; message: string };

export function editText(text: string, { oldText, newText, replaceAll }: Edit): EditOutcome {
  if (oldText === '') return failed('old_text is empty; use write to create or replace a whole file');
  if (oldText === newText) return failed('old_text and new_text are the same');
  const pieces = text.split(oldText);
  const found = pieces.length - 1;
  if (found === 0) {
    const isOtherSpacing = squeeze(text).includes(squeeze(oldText));
    return failed(
      isOtherSpacing
        ? 'old_text was not found as it stands: the file has other spaces or line ends there; read it again'
        : 'old_text was not found in the file; read it again',
    );
  }
  if (found > 1 && !replaceAll) {
    return failed(`old_text occurs ${found} times; add lines around it, or set replace_all`);
  }
  return { ok: true, text: pieces.join(newText), replacements: found };
}

function squeeze(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function failed(message: string): EditOutcome {
  return { ok: false, message };
}
