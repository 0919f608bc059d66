/** Reads typed fields out of a request body and remembers everything that is wrong with it, not only the first thing. */
export class Fields {
  readonly problems: string[] = [];
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(body: unknown) {
    if (isRecord(body)) {
      this.#values = body;
    } else {
      this.#values = {};
      this.problems.push('the body must be a JSON object');
    }
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined && this.#values[name] !== null;
  }

  /** A text that is not blank, without surrounding space. */
  text(name: string, limits: { maxLength: number }): string {
    const value = this.#values[name];
    if (typeof value !== 'string' || value.trim() === '') return this.#wrong(name, 'must be a text', '');
    if (value.trim().length > limits.maxLength) {
      return this.#wrong(name, `must have at most ${limits.maxLength} characters`, '');
    }
    return value.trim();
  }

  integer(name: string, limits: { min: number; max: number }): number {
    const value = this.#values[name];
    if (!Number.isSafeInteger(value)) return this.#wrong(name, 'must be a whole number', limits.min);
    const number = Number(value);
    if (number < limits.min || number > limits.max) {
      return this.#wrong(name, `must be between ${limits.min} and ${limits.max}`, limits.min);
    }
    return number;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const found = allowed.find((candidate) => candidate === this.#values[name]);
    return found ?? this.#wrong(name, `must be one of ${allowed.join(', ')}`, undefined);
  }

  /** Problems of an element are reported as `lines[0].quantity must be …`. */
  list<T>(name: string, readElement: (element: Fields) => T): T[] {
    const value = this.#values[name];
    if (!Array.isArray(value) || value.length === 0)
      return this.#wrong(name, 'must be a list with entries', []);
    return value.map((element, index) => this.#nested(`${name}[${index}]`, element, readElement));
  }

  object<T>(name: string, readObject: (object: Fields) => T): T {
    return this.#nested(name, this.#values[name], readObject);
  }

  #nested<T>(path: string, value: unknown, readValue: (fields: Fields) => T): T {
    const fields = new Fields(value);
    const result = readValue(fields);
    this.problems.push(...fields.problems.map((problem) => `${path}.${problem}`));
    return result;
  }

  #wrong<T>(name: string, problem: string, fallback: T): T {
    this.problems.push(`${name} ${problem}`);
    return fallback;
  }
}

/** Either a usable value or everything that is wrong with the input. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; problems: readonly string[] };

export function finishParsing<T>(fields: Fields, value: T): Parsed<T> {
  return fields.problems.length === 0 ? { ok: true, value } : { ok: false, problems: fields.problems };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
