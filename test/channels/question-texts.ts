/** Questions as agents would ask them, one of every kind of the reference map. */
import type { QuestionText } from '../../src/questions/question.ts';

export const timeZone: QuestionText = {
  title: 'time zone of exported timestamps',
  building: 'Medication history export: download functionality for the patient data endpoint.',
  question:
    'The export includes prescription timestamps. The pharmacy integration returns UTC, the patient portal displays local time. The requirements do not say which the export has.',
  options: [
    { label: 'Export UTC with a timezone label', tradeOff: 'consistent with the raw data' },
    { label: "Export the patient's local time", tradeOff: 'better to read, requires a time zone lookup' },
    { label: 'Export both', tradeOff: 'verbose but unambiguous' },
  ],
  whyYou: 'This is a product experience decision, not a technical one. Option 2 adds about 80 ms per export.',
  unblocks: 'A preference, or “use your judgment”',
  defaultOption: 1,
  compliance: null,
};

export const patientIds: QuestionText = {
  ...timeZone,
  title: 'patient identifiers in the export log',
  question: 'May the export log keep the patient identifier of every download?',
  options: [
    { label: 'Yes, as suggested', tradeOff: 'the export goes on with masked identifiers' },
    { label: 'No', tradeOff: 'the export stays out of this release' },
  ],
  whyYou: 'The identifier is health information; whether this pattern is covered is yours to say.',
  unblocks: 'A yes or a no',
  defaultOption: null,
  compliance: {
    accessPattern:
      'export-service writes patient_id and record count to the application log on every download',
    reference: 'HIPAA § 164.312(b), audit controls; BAA section 4.2',
    suggestion: 'Log a keyed hash of patient_id; keep the key with the audit service alone.',
  },
};

export const featureName: QuestionText = {
  ...timeZone,
  title: 'name of the export feature',
  question: 'Under which name does the export appear in the menu and in the release notes?',
  options: [
    { label: 'Medication history', tradeOff: 'says what it is' },
    { label: 'Health records export', tradeOff: 'leaves room for more' },
  ],
  whyYou: 'The name goes out with the campaign that you run.',
  unblocks: 'A name',
  defaultOption: null,
};

export const conversion: QuestionText = {
  ...timeZone,
  title: 'where time zones are converted',
  question: 'Do services convert to local time themselves, or does the presentation layer alone?',
  options: [
    { label: 'The presentation layer alone', tradeOff: 'one place, services stay in UTC' },
    { label: 'Each service', tradeOff: 'simpler clients, the rule lives in many places' },
  ],
  whyYou: 'Two clusters need the same answer this week.',
  unblocks: 'One rule for all services',
};
