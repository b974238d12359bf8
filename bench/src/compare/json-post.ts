import http from 'node:http';

/** The same client as Dibs is called with, for a front without sign-in. */
export class JsonPost {
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

  constructor(private readonly url: string) {}

  /** @throws when the answer is not 201 */
  send(body: object): Promise<void> {
    const text = JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    return new Promise((resolve, reject) => {
      const request = http.request(this.url, { method: 'POST', agent: this.agent, headers }, (response) => {
        response.resume();
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 201) resolve();
          else reject(new Error(`POST ${this.url}: ${response.statusCode}`));
        });
      });
      request.on('error', reject);
      request.end(text);
    });
  }
}
