/** The manifest that customers install: Slack's own schema, and less than Slack would allow. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

const manifest: unknown = parse(readFileSync('config/slack-manifest.yml', 'utf8'));
const shape = z.looseObject({
  features: z.looseObject({
    slash_commands: z.array(z.looseObject({ url: z.string() })).length(1),
  }),
  oauth_config: z.looseObject({ scopes: z.strictObject({ bot: z.array(z.string()) }) }),
  settings: z.looseObject({
    interactivity: z.looseObject({ request_url: z.string() }),
    socket_mode_enabled: z.literal(false),
  }),
});

it('asks for no scope that reads conversations or acts as a person', () => {
  const { oauth_config } = shape.parse(manifest);
  for (const scope of oauth_config.scopes.bot) {
    expect(scope).not.toMatch(/history|admin|chat:write\.public|files:read|^im:|^mpim:/);
  }
});

it('has one verified door for commands and buttons', () => {
  const { features, settings } = shape.parse(manifest);
  expect(features.slash_commands[0]?.url).toBe(settings.interactivity.request_url);
  expect(settings.interactivity.request_url).toMatch(/^https:.*\/slack\/events$/);
});

const data = process.env['DRILLBOOK_REFERENCE_DATA'];
const file = path.join(data ?? '', 'slack', 'manifest.schema.2.0.0.json');

if (data === undefined || !existsSync(file)) {
  it('was not compared with Slack’s schema: DRILLBOOK_REFERENCE_DATA is not set', () => undefined);
} else {
  const schema = z.fromJSONSchema(JSON.parse(readFileSync(file, 'utf8')) as never);
  it('fits Slack’s schema', () => {
    expect(schema.safeParse(manifest).error?.issues ?? []).toEqual([]);
  });
  it('would not fit with a key Slack does not know', () => {
    const wrong = { ...(manifest as object), features: { slash_comands: [] } };
    expect(schema.safeParse(wrong).success).toBe(false);
  });
}
