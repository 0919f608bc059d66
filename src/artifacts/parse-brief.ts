/** Reads a brief: markdown with optional front matter. The text is untrusted; nothing in it is more than text. */
import { z } from 'zod';
import { microUsdFromUsd } from '../base/money.ts';
import type { Diagnostic, Loaded } from '../yaml/diagnostic.ts';
import { checkShape } from '../yaml/yaml-shape.ts';
import { readYaml, sortDiagnostics } from '../yaml/yaml-source.ts';

export interface Brief {
  title: string;
  /** Markdown without the front matter. */
  text: string;
  criteria: string[];
  /** 0 is usual; higher goes first. */
  priority: number;
  tags: string[];
  /** Name of the flow; null: the policy's. */
  flow: string | null;
  ceilingMicroUsd: number | null;
}

export const maxBriefBytes = 256 * 1024;

/** Characters and entries; what is more belongs into the text. */
export const briefLimits = {
  title: 200,
  criterion: 2_000,
  criteria: 100,
  tag: 100,
  tags: 50,
  flow: 100,
  ceilingUsd: 1_000_000,
} as const;

const frontMatter = z.strictObject({
  title: z
    .string()
    .trim()
    .min(1)
    .max(briefLimits.title)
    .refine((title) => !/[\r\n\u2028\u2029]/.test(title), 'must be one line')
    .optional(),
  criteria: z.array(z.string().trim().min(1).max(briefLimits.criterion)).max(briefLimits.criteria).optional(),
  priority: z.int().min(-100).max(100).optional(),
  tags: z.array(z.string().trim().min(1).max(briefLimits.tag)).max(briefLimits.tags).optional(),
  flow: z.string().trim().min(1).max(briefLimits.flow).optional(),
  ceiling_usd: z.number().positive().max(briefLimits.ceilingUsd).optional(),
});

/** `file` names it in diagnostics. Without a title, the first heading or else the first line is the title. */
export function parseBrief(file: string, text: string): Loaded<Brief> {
  if (Buffer.byteLength(text) > maxBriefBytes)
    return unusable(file, 1, `is larger than ${maxBriefBytes / 1024} KB`);
  if (text.includes('\0') || !text.isWellFormed())
    return unusable(file, 1, 'is not plain text (it contains bytes that no text has)');
  const plain = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  if (/^---[ \t]*[A-Za-z]/.test(plain))
    return unusable(file, 1, 'has front matter of another language; begin it with `---` alone on its line');
  const { front, body } = splitFrontMatter(plain);
  const diagnostics: Diagnostic[] = [];
  let head: z.infer<typeof frontMatter> = {};
  if (front !== null) {
    const read = readYaml(file, front, { firstLine: 2 });
    diagnostics.push(...read.diagnostics);
    if (read.source && read.source.value !== null && read.source.value !== undefined) {
      const shape = checkShape(read.source, frontMatter, { laterKeys: ['needs'] });
      diagnostics.push(...sortDiagnostics(shape.diagnostics));
      head = shape.value ?? {};
    }
  }
  const title = head.title ?? titleOf(body);
  if (!title) diagnostics.push(problem(file, 1, 'says nothing: write what is wanted'));
  if (!title || diagnostics.some((each) => each.severity === 'error'))
    return { value: undefined, diagnostics };
  return {
    value: {
      title,
      text: body.trim() || title,
      criteria: head.criteria ?? [],
      priority: head.priority ?? 0,
      tags: head.tags ?? [],
      flow: head.flow ?? null,
      ceilingMicroUsd: head.ceiling_usd === undefined ? null : microUsdFromUsd(head.ceiling_usd),
    },
    diagnostics,
  };
}

function splitFrontMatter(text: string): { front: string | null; body: string } {
  const match = /^---[ \t]*\n([\s\S]*?)(?:^|\n)---[ \t]*(?:\n|$)/.exec(text);
  if (!match) return { front: null, body: text };
  return { front: match[1] ?? '', body: text.slice(match[0].length) };
}

function titleOf(body: string): string {
  const line = body.split('\n').find((each) => each.trim() !== '') ?? '';
  return line
    .replace(/^#+\s*/, '')
    .trim()
    .slice(0, 120)
    .toWellFormed();
}

function unusable(file: string, line: number, message: string): Loaded<Brief> {
  return { value: undefined, diagnostics: [problem(file, line, `the brief ${message}`)] };
}

function problem(file: string, line: number, message: string): Diagnostic {
  return {
    severity: 'error',
    file,
    line,
    col: 1,
    message: message.startsWith('the brief') ? message : `the brief ${message}`,
  };
}
