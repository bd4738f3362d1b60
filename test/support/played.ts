/** A program of the tests as somebody would type it, in a process of its own. */
import { execFile } from 'node:child_process';

/**
 * All that it prints. Outside the tests' own loader, which links every module anew for each file, the
 * same work takes two thirds of the time.
 */
export function played(program: string, ...args: readonly string[]): Promise<string> {
  const settings = { env: { ...process.env, NODE_OPTIONS: '' }, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    const command = ['--import', 'tsx', program, ...args];
    execFile(process.execPath, command, settings, (_failed, out, err) =>
      resolve(`${out}${err}`.trim()),
    );
  });
}
