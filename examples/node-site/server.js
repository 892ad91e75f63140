import { createServer } from 'node:http';
import { page } from './page.js';

const port = Number(process.env.PORT ?? 8000);

createServer((request, response) => {
  if (request.url !== '/') {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('There is no such page.\n');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(page(process.env));
}).listen(port, '127.0.0.1', () => console.log(`listening on port ${port}`));
