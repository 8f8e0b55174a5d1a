// Logs so many lines through a transport, to stdout.
import pino from 'pino';

const [target, lines] = process.argv.slice(2);
export const log = pino(pino.transport({ target, options: { destination: 1 } }));
for (let i = 0; i < Number(lines); i += 1) {
  log.info({ reqId: `req-${i}`, res: { statusCode: 200 }, responseTime: i % 900 }, 'request completed');
}
