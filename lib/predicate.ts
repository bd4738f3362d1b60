/** A named condition on an answer: what guards are made of. Pure; tables of them stand by clients. */
import type * as z from 'zod';

export interface Finding {
  readonly holds: boolean;
  /** What was seen, in few words: goes into the receipt. */
  readonly reading: z.infer<ReturnType<typeof z.json>>;
}

/** Never throws: an answer or argument of another shape does not hold. */
export type Predicate = (body: unknown, args: unknown) => Finding;

interface Parts<B, A> {
  readonly body: z.ZodType<B>;
  readonly args: z.ZodType<A>;
  readonly test: (body: B, args: A) => Finding;
}

/** A condition with the shapes it needs. */
export function predicate<B, A>({ body, args, test }: Parts<B, A>): Predicate {
  return (answer, given) => {
    const seen = body.safeParse(answer);
    if (!seen.success) return { holds: false, reading: { unreadable: 'answer' } };
    const wanted = args.safeParse(given);
    if (!wanted.success) return { holds: false, reading: { unreadable: 'arguments' } };
    return test(seen.data, wanted.data);
  };
}
