import { Problem } from './terminal.mjs';

/** Calls of our scripts to the server. */
export class HttpClient {
  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  /** @returns a client that acts as this service principal */
  static async signIn(url, { id, secret }) {
    const response = await fetch(`${url}/connect/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret }),
    });
    if (!response.ok) throw new Problem(`the server refuses its own credentials: ${await response.text()}`);
    return new HttpClient(url, (await response.json()).access_token);
  }

  get(path) {
    return this.#json('GET', path);
  }

  post(path, body) {
    return this.#json('POST', path, body);
  }

  async accepts(path) {
    const response = await this.#send('GET', path);
    await response.body?.cancel();
    return response.ok;
  }

  /** Lines as they arrive. */
  async *lines(path) {
    const response = await this.#send('GET', path);
    if (!response.ok) throw new Problem(`GET ${path}: ${response.status} ${await response.text()}`);
    let rest = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      yield* lines;
    }
    if (rest !== '') yield rest;
  }

  async #json(method, path, body) {
    const response = await this.#send(method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Problem(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  #send(method, path, body) {
    const headers = { authorization: `Bearer ${this.token}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    return fetch(this.url + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  }
}
