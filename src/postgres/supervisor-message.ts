/** What the supervisor says to its users, one JSON line each. They say nothing; being connected is the message. */
export type SupervisorMessage =
  | { state: 'ready'; url: string /** Of the postmaster. */; pid: number }
  | { state: 'failed'; code: string; message: string; hint: string };
