import { createServer, type ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';

/** A web server: a line for each notification and each heartbeat that arrives; on `hold` it answers nobody until `release`. */
let isHolding = false;
const waiting: ServerResponse[] = [];

createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text: string) => (body += text));
  request.on('end', () => {
    if (request.method === 'GET') body = JSON.stringify({ event: 'heartbeat', subject: request.url });
    const { key, event, subject, monitor, text } = JSON.parse(body) as Record<string, string>;
    process.stdout.write(`${JSON.stringify({ key, event, subject, monitor, text })}\n`);
    if (isHolding) waiting.push(response);
    else response.end();
  });
}).listen(Number(process.argv[2]), '127.0.0.1');

createInterface({ input: process.stdin }).on('line', (line) => {
  isHolding = line === 'hold';
  if (!isHolding) for (const response of waiting.splice(0)) response.end();
});
