/** A tool call's input in one short line, for people who follow the log. */
import { type Json, storableText } from '../base/json.ts';

const longest = 100;

export function aboutInput(input: Json): string {
  const text = JSON.stringify(input);
  return text.length > longest ? `${storableText(text.slice(0, longest - 1))}…` : text;
}
