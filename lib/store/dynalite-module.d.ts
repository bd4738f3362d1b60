declare module 'dynalite' {
  import type { Server } from 'node:http';
  /** `path` is a LevelDB folder (absent: in memory); `createTableMs` the time a table takes. */
  export default function dynalite(options: { path?: string; createTableMs?: number }): Server;
}
