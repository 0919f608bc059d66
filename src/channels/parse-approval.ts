/** What a person typed about an approval, as yes or no. Anything else is neither: nothing is approved by a guess. */

export type ApprovalReply = { verdict: 'approve' | 'deny'; why: string } | null;

const yes = /^(?:1|yes|approved?)[.!]?$/i;
/** A reason may follow a no. */
const no = /^(?:2|no|den(?:y|ied))(?:[.!]?$|[\s,.:;–—-]+(.*)$)/is;

export function parseApproval(text: string): ApprovalReply {
  const said = text.trim();
  if (yes.test(said)) return { verdict: 'approve', why: '' };
  const denied = no.exec(said);
  return denied ? { verdict: 'deny', why: denied[1]?.trim() ?? '' } : null;
}
