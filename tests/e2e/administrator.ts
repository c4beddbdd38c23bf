import type { Answer, Served } from './served.ts';

export const PASSWORD = 'correct-horse-battery';

export const json = (method: string, body: unknown): string[] => [
  '-X',
  method,
  '-H',
  'Content-Type: application/json',
  '-d',
  JSON.stringify(body),
];

/** Somebody in front of a server, signed in: curl with his cookie and his CSRF token. */
export class Administrator {
  readonly #headers: readonly string[];
  served: Served;

  private constructor(served: Served, headers: readonly string[]) {
    this.served = served;
    this.#headers = headers;
  }

  /** Makes the first administrator with the set-up link. */
  static async setUp(served: Served, name = 'ada'): Promise<Administrator> {
    const body = { token: served.setupToken(), name, password: PASSWORD };
    return Administrator.#of(served, await served.curl('/api/v1/setup', ...json('POST', body)));
  }

  static async signIn(served: Served, name: string, password = PASSWORD): Promise<Administrator> {
    return Administrator.#of(served, await served.curl('/api/v1/session', ...json('POST', { name, password })));
  }

  static #of(served: Served, answer: Answer): Administrator {
    if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
    const cookie = answer.headers['set-cookie']!.split(';')[0]!;
    return new Administrator(served, ['-H', `Cookie: ${cookie}`, '-H', `X-CSRF-Token: ${answer.json.csrfToken}`]);
  }

  curl(path: string, ...args: readonly string[]): Promise<Answer> {
    return this.served.curl(path, ...this.#headers, ...args);
  }

  /** Uploads BASE.crt, BASE.key and a chain out of a folder. */
  upload(
    appliance: string,
    folder: string,
    { base, chain, fields = [] }: { base: string; chain: string; fields?: string[] },
  ): Promise<Answer> {
    const files = [`crt=@${folder}/${base}.crt`, `key=@${folder}/${base}.key`, `chain=@${folder}/${chain}`];
    const form = [`name=${base}`, ...files, ...fields].flatMap((field) => ['-F', field]);
    return this.curl(`/api/v1/appliances/${appliance}/uploads`, ...form);
  }
}
