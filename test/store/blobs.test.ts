/** Blobs: what is named by a hash is what was written, or nobody is told it is there. */
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256 } from '../../lib/canonical.ts';
import { type Http, serveHttp } from '../../lib/http.ts';
import { BlobMissing } from '../../lib/store/errors.ts';
import { folderBlobs } from '../../lib/store/files.ts';
import { memoryBlobs } from '../../lib/store/memory.ts';
import { s3Blobs } from '../../lib/store/s3.ts';
import type { Blobs } from '../../lib/store/store.ts';

let folder: string;
let bucket: Awaited<ReturnType<typeof serveHttp>>;
let objects: Map<string, string>;
let location = 'ap-northeast-2';

/** As much of S3 as two commands need: put if absent, get, and where the bucket is. */
const s3: Http = async ({ method, url, headers, body }) => {
  const { pathname } = new URL(url);
  if (method === 'HEAD') {
    const headers: Record<string, string> = location ? { 'x-amz-bucket-region': location } : {};
    return { status: 200, headers, body: '' };
  }
  const there = objects.get(pathname);
  if (method === 'GET') {
    if (there === undefined) return xml(404, '<Error><Code>NoSuchKey</Code></Error>');
    return { status: 200, headers: {}, body: there };
  }
  if (there !== undefined && headers['if-none-match'] === '*') {
    return xml(412, '<Error><Code>PreconditionFailed</Code></Error>');
  }
  objects.set(pathname, body ?? '');
  return { status: 200, headers: {}, body: '' };
};
const xml = (status: number, body: string) => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>${body}`,
});

beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'local';
  bucket = await serveHttp(s3, { host: '127.0.0.1', port: 0 });
});
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drillbook blobs 한글 '));
  objects = new Map();
  location = 'ap-northeast-2';
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => bucket.close());

const inBucket = () =>
  s3Blobs({
    bucket: 'evidence',
    region: 'ap-northeast-2',
    allowedRegions: ['ap-northeast-2'],
    endpoint: bucket.url,
  });
const kinds: [string, () => Blobs][] = [
  ['memory', memoryBlobs],
  ['folder', () => folderBlobs(path.join(folder, 'deep', 'er'))],
  ['s3', inBucket],
];

describe.each(kinds)('%s', (_name, open) => {
  test('text and bytes come back as they were, under their hash', async () => {
    const blobs = open();
    const text = '훈련 보고서\n';
    expect(await blobs.put(text)).toBe(sha256(text));
    expect(await blobs.put(Buffer.from(text))).toBe(sha256(text));
    expect((await blobs.get(sha256(text))).toString('utf8')).toBe(text);
  });

  test('twenty writers of the same bytes all succeed', async () => {
    const blobs = open();
    const names = await Promise.all(Array.from({ length: 20 }, () => blobs.put('same')));
    expect(new Set(names)).toEqual(new Set([sha256('same')]));
    expect((await blobs.get(sha256('same'))).toString()).toBe('same');
  });

  test('a blob that is not there is said to be missing', async () => {
    const missing = open().get(sha256('never'));
    await expect(missing).rejects.toBeInstanceOf(BlobMissing);
    await expect(missing).rejects.toMatchObject({ code: 'STORE-BLOB-MISSING' });
  });
});

test('folder: one changed byte is found on reading and on writing again', async () => {
  const blobs = folderBlobs(folder);
  const name = await blobs.put('evidence');
  const file = path.join(folder, name.slice(0, 2), name);
  expect((await stat(file)).mode & 0o222).toBe(0);
  await chmod(file, 0o644);
  await writeFile(file, 'evidencf');
  await expect(blobs.get(name)).rejects.toMatchObject({ code: 'STORE-BLOB-DAMAGED' });
  await expect(blobs.put('evidence')).rejects.toMatchObject({ code: 'STORE-BLOB-DAMAGED' });
  expect(await readFile(file, 'utf8')).toBe('evidencf');
});

test('folder: no drafts are left behind, and a draft of a crash is never read', async () => {
  const blobs = folderBlobs(folder);
  const name = await blobs.put('evidence');
  const inside = path.join(folder, name.slice(0, 2));
  expect(await readdir(inside)).toEqual([name]);
  await writeFile(path.join(inside, `${sha256('other')}.0.draft`), 'oth');
  await expect(blobs.get(sha256('other'))).rejects.toBeInstanceOf(BlobMissing);
});

test.each(['us-west-2', ''])('s3: a bucket in the region "%s" gets nothing', async (region) => {
  location = region;
  await expect(inBucket().put('evidence')).rejects.toMatchObject({ code: 'STORE-REGION' });
  expect(objects.size).toBe(0);
});

test('s3: an object with other bytes than its name says is refused', async () => {
  const blobs = inBucket();
  const name = await blobs.put('evidence');
  objects.set(`/evidence/blobs/${name}`, 'evidencf');
  await expect(blobs.get(name)).rejects.toMatchObject({ code: 'STORE-BLOB-DAMAGED' });
});
