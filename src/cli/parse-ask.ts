/** The name of a question or an approval, as a person types it. */

export interface AskReference {
  letter: 'Q' | 'A';
  number: number;
}

/** `Q-7`, `q7`, `A-2`; null: it names something else. */
export function parseAsk(given: string): AskReference | null {
  const match = /^([QA])-?([1-9]\d{0,8})$/i.exec(given.trim());
  if (!match) return null;
  return { letter: match[1]?.toUpperCase() === 'Q' ? 'Q' : 'A', number: Number(match[2]) };
}
