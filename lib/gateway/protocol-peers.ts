/**
 * What two gateways say to each other, by the rules of protocol.ts:
 *
 *   POST /v1/peers/epochs {epochs[]}                          -> {epochs[]}
 *   POST /v1/grants {planHash, callId, attempt, key, epoch}   -> {grant, session?}
 */
import * as z from 'zod';
import { grantSchema, putCallSchema } from './protocol.ts';

export const grantAskSchema = putCallSchema
  .pick({ planHash: true, callId: true, attempt: true, epoch: true })
  .extend({ key: z.string() });
export type GrantAsk = z.infer<typeof grantAskSchema>;

/** A session of the giver's array that only the asker can read: public key and text, base64. */
export const lentSchema = z.strictObject({ publicKey: z.string(), sealed: z.string() });
export type Lent = z.infer<typeof lentSchema>;

export const grantAnswerSchema = z.strictObject({
  grant: grantSchema,
  session: lentSchema.optional(),
});
export type GrantAnswer = z.infer<typeof grantAnswerSchema>;

/** Epochs by protection unit; with plan and run where the holder is known. */
export const peerEpochsSchema = z.strictObject({
  epochs: z.array(
    z.strictObject({
      unit: z.string(),
      epoch: z.int().positive(),
      planHash: z.string().optional(),
      run: z.string().optional(),
    }),
  ),
});
export type PeerEpochs = z.infer<typeof peerEpochsSchema>;
