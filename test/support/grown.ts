/** A service that gets another disk in production: made in Cinder, attached, and written into services.yml. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bank } from './bank.ts';
import { type Admin, adminOf } from './controllers.ts';

/** The last volume of loan-db1 in services.yml, behind which another one is written. */
const LAST = 'f6e5c77a-2ee0-4f69-a14d-292e1f1eabfa';

/** Cinder and Nova take seconds of their own. */
const TAKES_MS = 10_000;

/** Nobody writes heartbeats to a disk that the twin did not know on its first day. */
export const withoutBeatsOf = {
  'config/services.yml': (text: string) =>
    text.replace('          - http://10.90.3.11:8080/records\n', ''),
};

/** The volume's id; `listed` writes it into services.yml. */
export async function newDisk(
  bank: Bank,
  { listed = true, sizeGiB = 25 }: { readonly listed?: boolean; readonly sizeGiB?: number } = {},
): Promise<string> {
  const main = await adminOf(bank, 'main');
  const volume = await main.make('cinder', '/volumes', {
    volume: { name: 'loan-db1-archive', size: sizeGiB },
  });
  bank.clock.advance(TAKES_MS);
  await main.change('POST', ['cinder', `/volumes/${volume}/action`], {
    'os-set_image_metadata': { metadata: { hw_disk_bus: 'scsi', image_name: 'rocky-9' } },
  });
  await attach(main, volume);
  bank.clock.advance(TAKES_MS);
  if (listed) list(bank, volume);
  return volume;
}

async function attach(main: Admin, volumeId: string): Promise<void> {
  const [server] = await main.ids('nova', '/servers/detail?name=loan-db1');
  await main.make('nova', `/servers/${server}/os-volume_attachments`, {
    volumeAttachment: { volumeId },
  });
}

function list(bank: Bank, volume: string): void {
  const file = join(bank.folder.config, 'services.yml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(`- ${LAST}`, `- ${LAST}\n          - ${volume}`));
}
