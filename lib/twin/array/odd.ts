/** Answers that do not come from the REST server as documented, but that a client meets one day. */
import type { Clock } from '../../clock.ts';
import type { HttpResponse } from '../../http.ts';
import { NoAnswer } from './change.ts';
import type { Parts } from './parts.ts';
import { answers } from './port.ts';
import { answer, arrayError, Refusal } from './wire.ts';

const SLOW_MS = 6000;
const RETRY_AFTER_SECONDS = '30';

const HTML = `<html><head><title>502 Bad Gateway</title></head>
<body><h1>502 Bad Gateway</h1></body></html>
`;

/** Undefined when the array answers as it should. Throws NoAnswer when nobody answers. */
export async function oddAnswer(
  { faults }: Parts,
  { method, path, shownAt }: { method: string; path: string; shownAt: number },
  clock: Clock,
): Promise<HttpResponse | undefined> {
  if (!answers(faults)) throw new NoAnswer();
  if (faults.has('array-slow')) await clock.sleep(SLOW_MS);
  const plain = answer(503, {}, shownAt);
  const headers = { date: plain.headers['date'] ?? '', 'x-simulator': 'true' };
  if (faults.has('error-html')) {
    return { status: 502, headers: { ...headers, 'content-type': 'text/html' }, body: HTML };
  }
  if (faults.has('error-bare')) {
    return { status: 503, headers: { ...headers, 'retry-after': RETRY_AFTER_SECONDS }, body: '' };
  }
  if (faults.has('array-busy')) {
    const words = { messageId: 'KART00003-E', message: 'The server is busy.', retry: true };
    throw new Refusal(503, words);
  }
  if (faults.has('error-empty') && method !== 'GET' && !path.includes('/sessions')) {
    const words = { message: 'The storage system reported an error.', errorCode: {} };
    return answer(500, arrayError(`/ConfigurationManager${path}`, words), shownAt);
  }
  return undefined;
}
