/** The engine's way to a gateway that fetches its messages: the same `Http` as by a connection. */
import type { Clock } from '../../clock.ts';
import type { Http } from '../../http.ts';
import type { Random } from '../../random.ts';
import type { Mailbox } from '../../store/store.ts';
import { carriedAnswerSchema, MAIL_BYTES_MAX } from './wire.ts';

const LOOK_EVERY_MS = 250;

/** Rejects when no answer came in time: what the gateway did, or will still do, is then unknown. */
export function mailboxHttp(options: {
  readonly mailbox: Mailbox;
  readonly site: string;
  readonly clock: Clock;
  readonly random: Random;
}): Http {
  const { mailbox, site, clock, random } = options;
  return async ({ method, url, headers, body, timeoutMs = 30_000 }) => {
    const carried = { method, url, headers, ...(body === undefined ? {} : { body }) };
    const text = JSON.stringify(carried);
    if (Buffer.byteLength(text) > MAIL_BYTES_MAX) {
      throw new Error(`GW-TOO-LARGE: through a mailbox go at most ${MAIL_BYTES_MAX} bytes.`);
    }
    const at = clock.now();
    const id = `${String(at).padStart(14, '0')}-${random(8)}`;
    await mailbox.putMail(site, { id, text });
    while (clock.now() < at + timeoutMs) {
      const answer = await mailbox.answer(site, id);
      if (answer !== undefined) return carriedAnswerSchema.parse(JSON.parse(answer));
      await clock.sleep(LOOK_EVERY_MS);
    }
    throw new Error(`It fetched no message or answered none within ${timeoutMs / 1000} s.`);
  };
}
