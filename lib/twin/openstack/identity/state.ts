/** What Keystone remembers. Users and roles are those of the seed. */
import * as z from 'zod';

const tokenSchema = z.strictObject({
  id: z.string(),
  userId: z.string(),
  /** null = unscoped: good for Keystone only. */
  projectId: z.string().nullable(),
  roles: z.array(z.string()),
  methods: z.array(z.string()),
  /** The application credential it was got with. */
  credentialId: z.string().nullable(),
  issuedAt: z.int(),
  expiresAt: z.int(),
  auditId: z.string(),
  revokedAt: z.int().nullable(),
  /** When each service, by its root, last asked Keystone about it. */
  askedAt: z.record(z.string(), z.int()),
});
export type Token = z.infer<typeof tokenSchema>;

const credentialSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  secretHash: z.string(),
  userId: z.string(),
  projectId: z.string(),
  roles: z.array(z.string()),
  /** null when nobody said. */
  unrestricted: z.boolean().nullable(),
  expiresAt: z.int().nullable(),
});
export type Credential = z.infer<typeof credentialSchema>;

const madeProjectSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  enabled: z.boolean(),
});

export const identitySchema = z.strictObject({
  tokens: z.array(tokenSchema),
  credentials: z.array(credentialSchema),
  /** Made since the first day. */
  projects: z.array(madeProjectSchema).default([]),
});

export const initialIdentity = (): z.infer<typeof identitySchema> => ({
  tokens: [],
  credentials: [],
  projects: [],
});
