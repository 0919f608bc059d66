/**
 * Guesses who decides what in a repository: from its CODEOWNERS, from who commits, from who is asking. Pure. Every guess says
 * where it comes from, so that a person can judge it.
 */
import { visibleLine } from '../base/visible-text.ts';
import { handleOf } from './handle.ts';
import type { OwnedPattern } from './parse-codeowners.ts';
import type { Handle } from './stakeholders.ts';

export interface StakeholderFacts {
  owners: readonly OwnedPattern[];
  /** The most active first. */
  authors: readonly { name: string; email: string; commitCount: number }[];
  /** Whoever is asking: the handle is known, the address joins it with their commits. */
  person: { name: string; email: string | null };
}

export interface Proposal {
  people: readonly ProposedPerson[];
  lead: Handle;
  product: Handle;
  compliance: Handle;
}

export interface ProposedPerson {
  handle: Handle;
  /** Why they are listed, for a comment. */
  why: string;
  isGuess: boolean;
}

/** More than this is a list of contributors, not of people who decide. */
const mostAuthors = 5;
const mostOwners = 12;

export function proposeStakeholders({ owners, authors, person }: StakeholderFacts): Proposal {
  const self = handleOf(person.name);
  const isSelf = (email: string) => email.toLowerCase() === person.email?.toLowerCase();
  const people = new Map<Handle, ProposedPerson>([
    [self, { handle: self, why: 'you, who ran `meshwright init`', isGuess: false }],
  ]);
  const add = (handle: Handle, why: string) => {
    if (!people.has(handle)) people.set(handle, { handle, why, isGuess: true });
    return handle;
  };
  const handleOfOwner = (owner: string) => (isSelf(owner) ? self : guessOwner(owner));
  for (const { pattern, owners: names } of owners.slice(0, mostOwners)) {
    for (const owner of names) add(handleOfOwner(owner), describeOwner(owner, pattern));
  }
  const active = authors.filter(isPerson).slice(0, mostAuthors);
  for (const author of active) {
    if (!isSelf(author.email)) add(guessAuthor(author), describeAuthor(author));
  }
  const ofAll = owners.findLast(({ pattern }) => pattern === '*')?.owners[0];
  const busiest = active[0];
  const byHistory = busiest === undefined || isSelf(busiest.email) ? self : guessAuthor(busiest);
  const lead = ofAll === undefined ? byHistory : handleOfOwner(ofAll);
  add(lead, 'owns everything in CODEOWNERS');
  const regulated = owners.find(({ pattern }) => aboutCompliance.test(pattern))?.owners[0];
  const compliance = regulated === undefined ? lead : add(handleOfOwner(regulated), 'owns what is regulated');
  return { people: [...people.values()], lead, product: self, compliance };
}

const aboutCompliance = /complian|privacy|legal|security|hipaa|gdpr|audit/i;

/** Neither a robot nor a placeholder. */
function isPerson({ name, email }: { name: string; email: string }): boolean {
  const robot = /\[bot\]|^(dependabot|renovate|github-actions|no-?reply)\b/i;
  return !robot.test(name) && !robot.test(email);
}

/** Nobody is a team, so without a deputy nobody could answer in its place. */
function describeOwner(owner: string, pattern: string): string {
  const team = owner.includes('/') ? '; a team: name its `deputy`, who may answer for it' : '';
  return `owns ${visibleLine(pattern)} in CODEOWNERS${team}`;
}

function guessOwner(owner: string): Handle {
  return handleOf(owner.startsWith('@') ? owner : localPart(owner));
}

/** What the address says, unless that is no name of anybody: `info`, `me`. */
function guessAuthor({ name, email }: { name: string; email: string }): Handle {
  const local = localPart(email);
  const isTelling = local.length > 2 && !namesNobody.test(local);
  return handleOf(isTelling ? local : plain(name).toLowerCase() || 'somebody');
}

const namesNobody = /^(info|mail|git|dev|admin|root|contact|hello|test|user)$/i;

/** `12345+sarah-pm@users.noreply.github.com` and `sarah-pm+git@example.com` are both `sarah-pm`. */
function localPart(email: string): string {
  const local = email.slice(0, Math.max(0, email.lastIndexOf('@')));
  return plain(local.replace(/^\d+\+/, '').replace(/\+.*$/, ''));
}

/** Nothing that YAML, a terminal or a handle would stumble over. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
    .slice(0, 60);
}

function describeAuthor({ name, commitCount }: { name: string; commitCount: number }): string {
  return `${visibleLine(name).slice(0, 60) || 'somebody'} made ${commitCount} commit${commitCount === 1 ? '' : 's'} within a year`;
}
