import { request } from 'node:http';
import { codeOf, fault } from '../io/fault.ts';
import { LOOPBACK, writeAddress, type Address } from './address.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** ms */
  readonly patience: number;
}

/** A longer answer, in bytes, is none of ours. */
const LONGEST = 64 * 1024 * 1024;

/** Asks the relevel that listens at an address. Rejects, in words, where there is no answer. */
export async function ask(address: Address, { method, path, patience }: Question): Promise<Answer> {
  const place = writeAddress(address);
  const where = address.kind === 'unix' ? { socketPath: address.path } : { host: reachable(address.host), port: address.port };
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const asking = request({ ...where, method, path, agent: false, signal: AbortSignal.timeout(patience) }, (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length > LONGEST) asking.destroy(new Error('the answer is too long'));
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
        response.on('error', reject);
      });
      asking.on('error', reject);
      asking.end();
    });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ABORT_ERR') throw new Error(`${place}: no answer within ${patience / 1000} s`, { cause: error });
    const { message } = fault(place, 'ask', error);
    const isNobody = code === 'ECONNREFUSED' || code === 'ENOENT';
    throw new Error(isNobody ? `${message}; is there a relevel that runs with --listen ${place}` : message, { cause: error });
  }
}

/** Who listens on all addresses is asked on this host. */
const reachable = (host: string): string => (host === '0.0.0.0' ? LOOPBACK : host === '::' ? '::1' : host);
