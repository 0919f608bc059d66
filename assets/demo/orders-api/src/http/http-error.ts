/** An answer other than success, thrown anywhere below a route. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly problems: readonly string[];

  constructor(status: number, code: string, message: string, problems: readonly string[] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.problems = problems;
  }
}

export function notFound(what: string): HttpError {
  return new HttpError(404, 'not_found', `there is no ${what}`);
}

export function conflict(message: string): HttpError {
  return new HttpError(409, 'conflict', message);
}

export function invalidInput(problems: readonly string[]): HttpError {
  return new HttpError(422, 'invalid_input', 'the request has problems', problems);
}
