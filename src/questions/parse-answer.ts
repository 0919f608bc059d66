/** What a person typed, as what they meant by it. One reading for the command line and every channel; knows nothing of who may answer. */
import { readKind } from '../policy/question-kind.ts';
import type { Answer, QuestionText } from './question.ts';

export type Reply =
  | { act: 'answer'; answer: Answer }
  /** They have seen it; the answer comes later. */
  | { act: 'acknowledge' }
  /** “Not mine, this is kind X”. */
  | { act: 'reroute'; toKind: string }
  /** It could mean more than one thing, or nothing; `hint`: what to say instead. */
  | { act: 'unclear'; hint: string };

const judgment =
  /^(?:please )?(?:use your (?:own |best )?judge?ment|you(?:r)? (?:decide|choose|call)|up to you)$/i;
const acknowledgement = /^(?:ack|acknowledged?|seen|on it|👀|:eyes:)$/i;
const notMine = /^not (?:mine|for me)\b[\s,;:.–—-]*(?:(?:this |it )?is )?(?:kind )?(.*)$/is;
/** `2`, `2.`, `option 2`, `#2: but only for exports`; `2 hours would do` is none of them. */
const numbered =
  /^(?:(?:option|number|no\.) *#?(\d+)(?!\w)|#?(\d+)(?=$|[.,:;)]|\s+[–—-]))[.,:;)\s–—-]*(.*)$/is;
const bareYes = /^(?:y|yes|yep|ok|okay|approved?)$/i;
const bareNo = /^(?:n|no|nope)$/i;

/** `text` is trimmed here; an empty one is unclear. */
export function parseAnswer(text: string, question: Pick<QuestionText, 'options' | 'compliance'>): Reply {
  const said = text
    .trim()
    .replace(/^["'“”‘’`]+|["'“”‘’`]+$/g, '')
    .trim();
  const bare = said.replace(/[\s.!]+$/, '');
  const { options } = question;
  if (bare === '') return unclear(options.length);
  if (judgment.test(bare)) return { act: 'answer', answer: { option: null, text: null } };
  if (acknowledgement.test(bare)) return { act: 'acknowledge' };
  const rerouted = notMine.exec(bare);
  if (rerouted) return readReroute(rerouted[1] ?? '');
  const named = options.findIndex(({ label }) => sameWords(label, bare));
  if (named >= 0) return { act: 'answer', answer: { option: named + 1, text: null } };
  if (options.length === 0) return { act: 'answer', answer: { option: null, text: said } };
  const number = numbered.exec(said);
  if (number) return readNumber(Number(number[1] ?? number[2]), number[3] ?? '', options.length);
  if (bareYes.test(bare) || bareNo.test(bare)) return readYesOrNo(bareYes.test(bare), question);
  return { act: 'answer', answer: { option: null, text: said } };
}

/** The word that is written like a kind, `compliance_question`; where none is, all of them together. */
function readReroute(rest: string): Reply {
  const written = /[a-z][a-z0-9]*(?:_[a-z0-9]+)+/.exec(rest.toLowerCase())?.[0];
  const kind = written ?? readKind(rest.replace(/[^\p{L}\p{N}_-]+/gu, ' '));
  return kind === null
    ? { act: 'unclear', hint: 'Say which kind it is instead: `not mine, compliance_question`.' }
    : { act: 'reroute', toKind: kind };
}

function readNumber(option: number, remark: string, optionCount: number): Reply {
  if (option < 1 || option > optionCount) return unclear(optionCount);
  return { act: 'answer', answer: { option, text: remark.trim() === '' ? null : remark.trim() } };
}

/** Yes to a compliance question is its suggested resolution: the first option. Elsewhere it must be the beginning of one option alone. */
function readYesOrNo(
  isYes: boolean,
  { options, compliance }: Pick<QuestionText, 'options' | 'compliance'>,
): Reply {
  const word = isYes ? /^yes\b/i : /^no\b/i;
  const matching = options.flatMap(({ label }, index) => (word.test(label) ? [index + 1] : []));
  const option =
    matching.length === 1 ? matching[0] : compliance && matching.length === 0 ? (isYes ? 1 : 2) : undefined;
  return option === undefined ? unclear(options.length) : { act: 'answer', answer: { option, text: null } };
}

function unclear(optionCount: number): Reply {
  return {
    act: 'unclear',
    hint: `Answer ${optionCount === 0 ? '' : `with a number from 1 to ${optionCount}, `}in words of your own, or with \`use your judgment\`.`,
  };
}

function sameWords(a: string, b: string): boolean {
  const words = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim();
  return words(a) === words(b);
}
