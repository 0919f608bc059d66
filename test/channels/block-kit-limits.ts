/** The documented limits of Block Kit, for what is used of it: what Slack would refuse a message for. */

interface TextObject {
  type: string;
  text: string;
  emoji?: boolean;
}

type Element = Record<string, unknown> & { type: string };

interface Block {
  type: string;
  block_id?: string;
  text?: TextObject;
  elements?: Element[];
}

/** One line for each thing that Slack would not take; docs.slack.dev/reference/block-kit. */
export function findBlockKitProblems({
  text,
  blocks,
}: {
  text: string;
  blocks: readonly object[];
}): string[] {
  const all = blocks as readonly Block[];
  const actionIds = all.flatMap(({ elements = [] }) => elements.flatMap((each) => each.action_id ?? []));
  const blockIds = all.flatMap(({ block_id }) => block_id ?? []);
  return [
    ...when(text.length === 0 || text.length > 4_000, `the text has ${text.length} characters`),
    ...when(all.length === 0 || all.length > 50, `${all.length} blocks`),
    ...when(new Set(actionIds).size !== actionIds.length, 'an action_id comes twice'),
    ...when(new Set(blockIds).size !== blockIds.length, 'a block_id comes twice'),
    ...all.flatMap((block, index) =>
      findProblems(block).map((problem) => `block ${index} (${block.type}): ${problem}`),
    ),
  ];
}

/** Everything that a block or an element of it may have here; Slack refuses what it does not know. */
const fields: Readonly<Record<string, readonly string[]>> = {
  header: ['type', 'text', 'block_id'],
  section: ['type', 'text', 'block_id'],
  context: ['type', 'elements', 'block_id'],
  actions: ['type', 'elements', 'block_id'],
  rich_text: ['type', 'elements', 'block_id'],
  rich_text_section: ['type', 'elements'],
  button: ['type', 'action_id', 'text', 'value'],
  static_select: ['type', 'action_id', 'placeholder', 'options'],
  text: ['type', 'text', 'style'],
  plain_text: ['type', 'text', 'emoji'],
  mrkdwn: ['type', 'text'],
};

function unknownFields(part: object & { type?: string }): string[] {
  const known = fields[part.type ?? ''] ?? [];
  return Object.keys(part)
    .filter((key) => !known.includes(key))
    .map((key) => `${part.type} has no ${key}`);
}

function findProblems(block: Block): string[] {
  const { type, text, elements = [], block_id = 'b' } = block;
  const id = [
    ...when(block_id.length === 0 || block_id.length > 255, 'block_id is too long'),
    ...[block, ...elements].flatMap(unknownFields),
  ];
  switch (type) {
    case 'header':
      return [...id, ...inPlainText(text, 150)];
    case 'section':
      return [...id, ...inText(text, 3_000)];
    case 'context':
      return [
        ...id,
        ...count(elements, 10),
        ...elements.flatMap((each) => inText(each as unknown as TextObject, 3_000)),
      ];
    case 'actions':
      return [...id, ...count(elements, 25), ...elements.flatMap(inInteractive)];
    case 'rich_text':
      return [...id, ...elements.flatMap(inRichText)];
    default:
      return [`unknown block ${type}`];
  }
}

function inInteractive(element: Element): string[] {
  const { type, action_id, value, text, placeholder, options } = element as Element & {
    options?: { text: TextObject; value: string }[];
  };
  const id = when(
    typeof action_id !== 'string' || action_id.length === 0 || action_id.length > 255,
    'no action_id',
  );
  switch (type) {
    case 'button':
      return [
        ...id,
        ...inPlainText(text as TextObject, 75),
        ...when(typeof value !== 'string' || value.length > 2_000, 'the value of a button is too long'),
      ];
    case 'static_select':
      return [
        ...id,
        ...inPlainText(placeholder as TextObject, 150),
        ...count(options ?? [], 100),
        ...(options ?? []).flatMap((option) => [
          ...inPlainText(option.text, 75),
          ...when(
            option.value.length === 0 || option.value.length > 150,
            'the value of an option is too long',
          ),
        ]),
      ];
    default:
      return [`unknown element ${type}`];
  }
}

function inRichText({ type, elements }: Element): string[] {
  const parts = (elements ?? []) as Element[];
  return [
    ...when(type !== 'rich_text_section', `unknown ${type}`),
    ...when(parts.length === 0, 'a rich_text_section is empty'),
    ...parts.flatMap(({ type: kind, text }) =>
      when(kind !== 'text' || typeof text !== 'string' || text.length === 0, `a bad ${kind}`),
    ),
  ];
}

function inText(text: TextObject | undefined, most: number): string[] {
  if (!text || !['plain_text', 'mrkdwn'].includes(text.type)) return ['no text object'];
  const { length } = text.text;
  return [...unknownFields(text), ...when(length === 0 || length > most, `a text of ${length} characters`)];
}

function inPlainText(text: TextObject | undefined, most: number): string[] {
  return [...inText(text, most), ...when(text?.type !== 'plain_text', 'must be plain_text')];
}

function count(elements: readonly unknown[], most: number): string[] {
  return when(elements.length === 0 || elements.length > most, `${elements.length} elements`);
}

function when(isWrong: boolean, problem: string): string[] {
  return isWrong ? [problem] : [];
}
