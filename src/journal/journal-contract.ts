/** The one suite that every adapter of the journal port passes. */
import { afterAll, beforeAll, describe } from 'vitest';
import { contractOfAppend } from './append-contract.ts';
import { contractOfBlobs } from './blob-contract.ts';
import { contractOfClaims } from './claim-contract.ts';
import type { JournalUnderTest, OpenJournal } from './contract-harness.ts';
import { contractOfFollow } from './follow-contract.ts';
import { contractOfInbox } from './inbox-contract.ts';
import { contractOfLedger } from './ledger-contract.ts';

/** One journal for the whole suite: tests keep to streams, projects and accounts of their own. */
export function describeJournal(name: string, open: OpenJournal): void {
  describe(`journal contract: ${name}`, () => {
    let subject: JournalUnderTest | undefined;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject?.close());
    const use = (): JournalUnderTest => {
      if (!subject) throw new Error('the journal was not opened');
      return subject;
    };
    contractOfAppend(use);
    contractOfBlobs(use);
    contractOfInbox(use);
    contractOfClaims(use);
    contractOfFollow(use);
    contractOfLedger(use);
  });
}
